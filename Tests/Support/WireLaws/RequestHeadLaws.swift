import Core
import HTTPWire

/// What must hold for every run of bytes that a client may send as a head.
public enum RequestHeadLaws {
    static let limits = HeadLimits(bytes: 1024, fields: 16)

    /// - Throws: `LawBroken`.
    public static func check(_ bytes: [UInt8]) throws {
        let parser = RequestHeadParser(limits: limits)
        var head = RequestHead()
        let whole = parser.parse(bytes.span.bytes, into: &head)
        let facts = whole == .complete ? try HeadFacts(head, bytes) : nil
        try checkPrefixes(bytes, whole, facts, length: head.length)
        guard let facts else { return }
        try checkShape(facts, bytes)
        try checkRewriting(head, facts, bytes)
    }

    /// However the bytes arrive, the outcome is the same, and it is reached once.
    private static func checkPrefixes(
        _ bytes: [UInt8], _ whole: RequestHeadParser.Outcome, _ facts: HeadFacts?, length: Int
    ) throws {
        let parser = RequestHeadParser(limits: limits)
        var head = RequestHead()
        var settled: RequestHeadParser.Outcome?
        for count in 0...bytes.count {
            let prefix = Array(bytes[0..<count])
            let outcome = parser.parse(prefix.span.bytes, into: &head)
            switch outcome {
            case .incomplete:
                guard settled == nil else { throw LawBroken("more bytes undo the outcome at \(count)", bytes) }
            case .complete:
                guard whole == .complete, head.length == length, try HeadFacts(head, prefix) == facts, count >= length
                else { throw LawBroken("the first \(count) bytes say something else", bytes) }
                settled = outcome
            case .refused:
                guard outcome == whole else { throw LawBroken("\(outcome) at \(count) but \(whole)", bytes) }
                settled = outcome
            }
        }
        if whole != .incomplete, settled != whole { throw LawBroken("\(whole) was never reached", bytes) }
    }

    /// An accepted head holds nothing that a lenient server could read differently.
    private static func checkShape(_ facts: HeadFacts, _ bytes: [UInt8]) throws {
        for line in facts.lines {
            guard !line.name.isEmpty, line.name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) else {
                throw LawBroken("a name is no token", bytes)
            }
            guard line.value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                throw LawBroken("a value holds a control", bytes)
            }
            guard line.value.first != 0x20, line.value.first != 0x09, line.value.last != 0x20, line.value.last != 0x09
            else { throw LawBroken("a value has white space at an end", bytes) }
        }
        guard facts.path.isEmpty || facts.path[0] == 0x2F else { throw LawBroken("the path has no slash", bytes) }
        guard facts.lines.filter({ $0.id == .host }).count == 1 else { throw LawBroken("not one Host", bytes) }
        let lengths = facts.lines.count { $0.id == .contentLength }
        let codings = facts.lines.count { $0.id == .transferEncoding }
        guard lengths + codings <= 1 else { throw LawBroken("framed twice", bytes) }
        guard (facts.framing == .chunked) == (codings == 1) else { throw LawBroken("chunked differs", bytes) }
    }

    /// Written anew from what was understood, the head is understood alike.
    private static func checkRewriting(_ head: RequestHead, _ facts: HeadFacts, _ bytes: [UInt8]) throws {
        var text = Array("\(facts.method.token) ".utf8)
        if let authority = head.authority, let name = bytes.at(authority.range) {
            text += Array("https://".utf8) + name
        }
        text += facts.path
        if let query = facts.query { text += [0x3F] + query }
        text += Array(" HTTP/1.\(head.minorVersion)\r\n".utf8)
        for line in facts.lines { text += line.name + [0x3A] + line.value + [0x0D, 0x0A] }
        text += [0x0D, 0x0A]
        var again = RequestHead()
        guard RequestHeadParser(limits: limits).parse(text.span.bytes, into: &again) == .complete,
            try HeadFacts(again, text) == facts, again.length == text.count
        else { throw LawBroken("written anew it reads differently", bytes) }
    }
}
