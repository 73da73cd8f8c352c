import Core
import HTTPWire

/// What a head says, without where it stands: two producers of one head must agree on it.
public struct HeadFacts: Equatable {
    public struct Line: Equatable {
        public var id: FieldName
        /// In lower case.
        public var name: [UInt8]
        public var value: [UInt8]
    }

    public var method: Method
    public var path: [UInt8]
    public var query: [UInt8]?
    public var host: [UInt8]?
    public var framing: BodyFraming
    public var expectsContinue: Bool
    public var lines: [Line]

    /// - Throws: `LawBroken` where a range lies outside the head.
    public init(_ head: borrowing RequestHead, _ bytes: [UInt8]) throws {
        let length = head.length
        guard length <= bytes.count else { throw LawBroken("the head is longer than the bytes", bytes) }
        let own = Array(bytes.prefix(length))
        func text(_ range: ByteRange) throws -> [UInt8] {
            guard let found = own.at(range.range) else { throw LawBroken("\(range) lies outside the head", bytes) }
            return found
        }
        method = head.method
        path = try text(head.path)
        query = try head.query.map(text)
        host = try head.host.map(text)
        framing = head.framing
        expectsContinue = head.expectsContinue
        lines = try head.fields.map {
            Line(id: $0.id, name: try text($0.name).lowercased, value: try text($0.value))
        }
        _ = try text(head.target)
        if let authority = head.authority { _ = try text(authority) }
    }
}
