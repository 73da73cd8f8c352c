import Core

extension ResponseRun {
    /// Holds a period against the clock, with the skew in favour of the provider at both ends.
    /// - Returns: its end; nil where it has none.
    mutating func checkPeriod(
        from start: String?, until end: String?, of part: String, verb: String = "is valid from"
    ) throws(SAMLRefusal) -> WallTime? {
        let (now, skew) = (expected.now.milliseconds, Int64(expected.skew.count))
        let allowed = "\(skew / 1000) s of difference are allowed"
        if let start {
            let begin = try read(start, of: part)
            let early = begin.milliseconds - now
            let words =
                "\(part) \(verb) \(SAMLTime.words(begin, besides: expected.now)), this clock says "
                + SAMLTime.words(expected.now, besides: begin)
            guard early <= skew else {
                throw SAMLRefusal(.tooEarly, "\(words): \(Self.seconds(early)) s too early (\(allowed))")
            }
            let note = early > 0 ? ": \(Self.seconds(early)) s early, which is allowed" : ""
            trace.passed(words + note)
        }
        guard let end else { return nil }
        let limit = try read(end, of: part)
        let late = now - limit.milliseconds
        let words =
            "\(part) is valid until \(SAMLTime.words(limit, besides: expected.now)), this clock says "
            + SAMLTime.words(expected.now, besides: limit)
        guard late < skew else {
            throw SAMLRefusal(.expired, "\(words): \(Self.seconds(late)) s too late (\(allowed))")
        }
        let note = late >= 0 ? ": \(Self.seconds(late)) s late, which is allowed" : ""
        trace.passed(words + note)
        return limit
    }

    func read(_ text: String, of part: String) throws(SAMLRefusal) -> WallTime {
        guard let time = SAMLTime.read(text) else {
            throw SAMLRefusal(.timeMalformed, "a time of \(part) is \(Trace.quoted(text)), not a time in UTC")
        }
        return time
    }

    /// Whole seconds, rounded up: what is half a second off is not 0 s off.
    static func seconds(_ milliseconds: Int64) -> Int64 { (milliseconds + 999) / 1000 }
}
