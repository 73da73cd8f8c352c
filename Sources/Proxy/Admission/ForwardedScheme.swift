import HTTPWire

/// By which scheme a balancer's client came, on a listener with `cleartext: from_trusted_proxies`.
///
/// Every word that is said must be `https`: a client that says so itself, of a balancer that appends what it saw, is found
/// out by the other word.
enum ForwardedScheme {
    case https, http
    /// Nobody has said anything.
    case unsaid

    /// Reads `X-Forwarded-Proto` and the `proto` of `Forwarded` (RFC 7239 §5.4), all fields of both.
    static func said(_ head: borrowing RequestHead, _ bytes: RawSpan) -> ForwardedScheme {
        var scheme = ForwardedScheme.unsaid
        for field in head.fields {
            let value = bytes.extracting(field.value.range)
            switch field.id {
            case .xForwardedProto:
                var position = 0
                while let range = ListReader.next(value, &position) { scheme.note(value.extracting(range)) }
            case .forwarding where bytes.extracting(field.name.range).equalsIgnoringCase("forwarded"):
                noteForwarded(value, &scheme)
            default: continue
            }
            if scheme == .http { return .http }
        }
        return scheme
    }

    /// What a further word makes of what was said before it.
    mutating func note(_ word: RawSpan) {
        if self != .http { self = word.equalsIgnoringCase("https") ? .https : .http }
    }

    /// Each `proto` of a `Forwarded`, quoted or not.  Commas and semicolons part also within quotes: that can only find
    /// more words, never swallow one.
    private static func noteForwarded(_ value: RawSpan, _ scheme: inout ForwardedScheme) {
        var start = 0
        for index in 0...value.byteCount {
            guard index == value.byteCount || value.octet(index) == 0x2C || value.octet(index) == 0x3B else { continue }
            let pair = value.extracting(trimmed(value, start..<index))
            start = index + 1
            let name: StaticString = "proto="
            let length = name.utf8CodeUnitCount
            guard pair.byteCount >= length, pair.extracting(0..<length).equalsIgnoringCase(name) else { continue }
            var word = pair.extracting(length..<pair.byteCount)
            if word.byteCount >= 2, word.octet(0) == 0x22, word.octet(word.byteCount - 1) == 0x22 {
                word = word.extracting(1..<word.byteCount - 1)
            }
            scheme.note(word)
        }
    }

    private static func trimmed(_ text: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, text.octet(start) == 0x20 || text.octet(start) == 0x09 { start += 1 }
        while end > start, text.octet(end - 1) == 0x20 || text.octet(end - 1) == 0x09 { end -= 1 }
        return start..<end
    }
}
