import Core
import HTTPWire

/// What must hold for every run of bytes that an upstream may send as a head; the first byte chooses the method
/// that is answered.
public enum ResponseHeadLaws {
    static let limits = HeadLimits(bytes: 1024, fields: 16)

    /// - Throws: `LawBroken`.
    public static func check(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let method = Method.allCases[Int(first) % Method.allCases.count]
        let bytes = Array(input.dropFirst())
        let parser = ResponseHeadParser(limits: limits)
        var head = ResponseHead()
        let whole = parser.parse(bytes.span.bytes, answering: method, into: &head)
        let lines = whole == .complete ? try lines(head, bytes) : []
        let (length, framing) = (head.length, head.framing)
        // 1. However the bytes arrive.
        var settled: ResponseHeadParser.Outcome?
        for count in 0...bytes.count {
            let prefix = Array(bytes[0..<count])
            let outcome = parser.parse(prefix.span.bytes, answering: method, into: &head)
            switch outcome {
            case .incomplete:
                guard settled == nil else { throw LawBroken("more bytes undo the outcome at \(count)", input) }
            case .complete:
                guard whole == .complete, count >= length, head.length == length, head.framing == framing,
                    try Self.lines(head, prefix) == lines
                else { throw LawBroken("the first \(count) bytes say something else", input) }
                settled = outcome
            case .invalid:
                guard whole == .invalid else { throw LawBroken("invalid at \(count) but \(whole)", input) }
                settled = outcome
            }
        }
        if whole != .incomplete, settled != whole { throw LawBroken("\(whole) was never reached", input) }
        guard whole == .complete else { return }
        // 2. What is accepted is unambiguous.
        guard (100...599).contains(head.status) else { throw LawBroken("the status is out of range", input) }
        let lengths = lines.count { $0.id == .contentLength }
        let codings = lines.count { $0.id == .transferEncoding }
        guard lengths + codings <= 1 else { throw LawBroken("framed twice", input) }
        if method == .head || head.status < 200 || head.status == 204 || head.status == 304 {
            guard framing == .none else { throw LawBroken("a body where none may be", input) }
        }
        guard (framing != .untilClose) || !head.isPersistent else { throw LawBroken("it never ends", input) }
        // 3. Written anew it reads the same.
        guard let status = bytes.at(head.statusText.range) else { throw LawBroken("the status lies outside", input) }
        var text = Array("HTTP/1.\(head.minorVersion) ".utf8) + status + [0x0D, 0x0A]
        for line in lines { text += line.name + [0x3A] + line.value + [0x0D, 0x0A] }
        text += [0x0D, 0x0A]
        let isPersistent = head.isPersistent
        guard parser.parse(text.span.bytes, answering: method, into: &head) == .complete,
            try Self.lines(head, text) == lines, head.framing == framing, head.isPersistent == isPersistent
        else { throw LawBroken("written anew it reads differently", input) }
    }

    private static func lines(_ head: ResponseHead, _ bytes: [UInt8]) throws -> [HeadFacts.Line] {
        guard head.length <= bytes.count else { throw LawBroken("the head is longer than the bytes", bytes) }
        let own = Array(bytes.prefix(head.length))
        return try head.fields.map { field in
            guard let name = own.at(field.name.range), let value = own.at(field.value.range) else {
                throw LawBroken("a field lies outside the head", bytes)
            }
            return HeadFacts.Line(id: field.id, name: name.lowercased, value: value)
        }
    }
}
