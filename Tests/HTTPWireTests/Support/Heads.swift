import Core
import HTTPWire

/// A request's head with safe defaults; a test changes the line that it is about.
func head(
    _ lines: String..., method: String = "GET", target: String = "/path?query", version: String = "HTTP/1.1",
    host: String? = "app.example.org"
) -> [UInt8] {
    let all = ["\(method) \(target) \(version)"] + (host.map { ["Host: \($0)"] } ?? []) + lines
    return Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8)
}

/// What became of a head.
struct Parsed {
    var outcome: RequestHeadParser.Outcome
    var head: RequestHead
    let bytes: [UInt8]

    init(_ bytes: [UInt8], limits: HeadLimits = HeadLimits(bytes: 4096, fields: 32)) {
        self.bytes = bytes
        head = RequestHead()
        outcome = RequestHeadParser(limits: limits).parse(bytes.span.bytes, into: &head)
    }

    func text(_ range: ByteRange?) -> String? { range.map { String(decoding: bytes[$0.range], as: UTF8.self) } }
}

/// The reason why these bytes are refused as a head; nil where they are not.
func refusal(_ bytes: [UInt8], limits: HeadLimits = HeadLimits(bytes: 4096, fields: 32)) -> ReasonCode? {
    guard case .refused(let reason) = Parsed(bytes, limits: limits).outcome else { return nil }
    return reason
}

/// The field name that a line of this name is read as.
func identify(_ name: String) -> FieldName? {
    let parsed = Parsed(Array("GET / HTTP/1.1\r\nHost: a\r\n\(name): x\r\n\r\n".utf8))
    return parsed.head.fields.last?.id
}

extension WireBuffer {
    var text: String { String(decoding: copied(), as: UTF8.self) }
}
