/// A value as both drivers store it: integers, text, bytes, or nothing.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// A value that may be absent.
    static func optional(_ bytes: [UInt8]?) -> SQLValue { bytes.map { .blob($0) } ?? .null }

    /// A value that may be absent.
    static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
}

/// One row of an answer, read by position in the order of the statement's columns.
///
/// A column of another type than asked for means that the file was changed by another hand.
public struct SQLRow: Hashable, Sendable {
    let values: [SQLValue]

    /// A row's column has another type than the schema gives it.
    public struct UnexpectedType: Error, Sendable, Hashable {
        public let column: Int
    }

    init(_ values: [SQLValue]) { self.values = values }

    func integer(_ column: Int) throws(UnexpectedType) -> Int64 {
        guard column < values.count, case .integer(let value) = values[column] else {
            throw UnexpectedType(column: column)
        }
        return value
    }

    func text(_ column: Int) throws(UnexpectedType) -> String {
        guard column < values.count, case .text(let value) = values[column] else {
            throw UnexpectedType(column: column)
        }
        return value
    }

    func blob(_ column: Int) throws(UnexpectedType) -> [UInt8] {
        guard column < values.count, case .blob(let value) = values[column] else {
            throw UnexpectedType(column: column)
        }
        return value
    }

    func isNull(_ column: Int) -> Bool { column < values.count && values[column] == .null }

    func optionalBlob(_ column: Int) throws(UnexpectedType) -> [UInt8]? { isNull(column) ? nil : try blob(column) }

    func optionalInteger(_ column: Int) throws(UnexpectedType) -> Int64? { isNull(column) ? nil : try integer(column) }
}
