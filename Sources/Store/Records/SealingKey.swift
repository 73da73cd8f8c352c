import Core
import HostCrypto

/// A key that seals records, with the version that sealed records name.
final class SealingKey: Sendable {
    let version: Int64
    private let secret: SecretBytes

    init(version: Int64, secret: consuming SecretBytes) {
        self.version = version
        self.secret = secret
    }

    /// Seals a record for the place that `binding` names.
    func seal(_ plain: [UInt8], for binding: RecordBinding) -> [UInt8] {
        [1] + AES256GCM.seal(plain, key: secret, associatedData: binding.associatedData(keyVersion: version))
    }

    /// Opens a record in its place.
    /// - Throws: `StoreFault.recordNotAuthentic` where key, place, clear columns or bytes are not those it was
    ///   sealed with.
    func open(_ sealed: [UInt8], for binding: RecordBinding) throws -> [UInt8] {
        guard sealed.first == 1 else { throw binding.fault }
        do {
            return try AES256GCM.open(
                Array(sealed.dropFirst()), key: secret,
                associatedData: binding.associatedData(keyVersion: version))
        } catch {
            throw binding.fault
        }
    }

    /// Lends the key's bytes, to be wrapped.
    func withSecret<Result: ~Copyable>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
        try body(secret)
    }
}

/// Where a sealed record belongs: nothing sealed for one place opens in another.
struct RecordBinding: Sendable {
    /// The tenant's id; empty in the directory.
    let tenant: String
    let table: String
    let row: [UInt8]
    /// Every clear column that decides access.
    let columns: [SQLValue]

    init(tenant: String, table: String, row: [UInt8], columns: [SQLValue] = []) {
        self.tenant = tenant
        self.table = table
        self.row = row
        self.columns = columns
    }

    func associatedData(keyVersion: Int64) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append("gatehouse record 1")
        encoder.append(tenant)
        encoder.append(table)
        encoder.append(row)
        encoder.append(keyVersion)
        for column in columns { encoder.append(column) }
        return encoder.bytes
    }

    /// The record of this place does not open.
    var fault: StoreFault { .recordNotAuthentic(table: table, row: RowName.text(row)) }
}

/// The key under which a tenant's rows are authenticated: whoever can write the file cannot make a row hold.
final class RowKey: Sendable {
    private let secret: SecretBytes

    init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// The code of a row: over its place and every column but the code itself.
    func code(tenant: String, table: String, columns: [SQLValue]) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append("gatehouse row 1")
        encoder.append(tenant)
        encoder.append(table)
        for column in columns { encoder.append(column) }
        return HMACSHA256.code(for: encoder.bytes, key: secret)
    }
}

/// The key under which look-ups are hashed: equal values of one tenant meet, those of two tenants never.
final class IndexKey: Sendable {
    private let secret: SecretBytes

    init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// The 32 bytes that stand for `value` in the index called `name`.
    func index(_ name: String, _ value: String) -> [UInt8] { index(name, Array(value.utf8)) }

    /// As above, for bytes.
    func index(_ name: String, _ value: [UInt8]) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(name)
        encoder.append(value)
        return HMACSHA256.code(for: encoder.bytes, key: secret)
    }
}

/// How messages name a row.
enum RowName {
    /// A UUID where the id has 16 bytes, text where it is printable, else hexadecimal.
    static func text(_ id: [UInt8]) -> String {
        if id.count == 16 { return UserID(octets: id)?.description ?? "" }
        if id.allSatisfy({ (0x21...0x7E).contains($0) }) { return String(decoding: id, as: UTF8.self) }
        return String(
            decoding: id.prefix(32).flatMap { [ASCII.hexadecimalDigit($0 >> 4), ASCII.hexadecimalDigit($0)] },
            as: UTF8.self)
    }
}
