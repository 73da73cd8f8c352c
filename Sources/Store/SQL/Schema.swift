import Core
import HostCrypto

/// The tables of one kind of database, as steps from version to version.
///
/// A step is never changed once it was released; a change is a new step.  A step may use only what both drivers
/// understand.
struct Schema: Sendable {
    /// What the database is: `keys`, `directory` or `tenant`, as its header says.
    let kind: String
    /// The statements that lead from version n to n + 1.
    let steps: [[StaticString]]

    /// The version that this binary writes.
    var version: Int64 { Int64(steps.count) }
}

/// The one row that says what a database is and whose, authenticated under the master key: a file that was
/// copied over another's, or made elsewhere, is found before anything is read from it.
struct DatabaseHeader: Hashable, Sendable {
    let kind: String
    /// The tenant's id; empty where the database is no tenant's.
    let tenant: String

    /// What messages call it.
    var words: String { tenant.isEmpty ? "the database \(kind)" : "the \(kind) \(tenant)" }

    func code(_ key: borrowing SecretBytes) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append("gatehouse header 1")
        encoder.append(kind)
        encoder.append(tenant)
        return HMACSHA256.code(for: encoder.bytes, key: key)
    }
}

extension SQLDatabase {
    /// Brings the tables to this binary's version, in one transaction, after the header was found right.
    /// - Parameters:
    ///   - mayBeEmpty: whether a database without tables is a new one; otherwise it is a damaged one.
    /// - Throws: `StoreFault.schemaTooNew`, `.databaseMisplaced`, `.databaseNotAuthentic`, `.databaseCorrupt`.
    func prepare(
        _ schema: Schema, header: DatabaseHeader, master: MasterKey, mayBeEmpty: Bool, at now: WallTime
    ) async throws {
        let name = name
        try await transaction { transaction in
            let isThere = try transaction.first(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'")
            if isThere == nil {
                guard mayBeEmpty else { throw StoreFault.databaseCorrupt(file: name, words: "it is empty") }
                try transaction.execute(
                    "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)")
                try transaction.execute(
                    "CREATE TABLE store_header (kind TEXT NOT NULL, tenant TEXT NOT NULL, mac BLOB NOT NULL)")
                try transaction.execute(
                    "INSERT INTO store_header (kind, tenant, mac) VALUES (?, ?, ?)", .text(header.kind),
                    .text(header.tenant), .blob(master.withHeaderKey { header.code($0) }))
            }
            guard let row = try transaction.first("SELECT kind, tenant, mac FROM store_header") else {
                throw StoreFault.databaseNotAuthentic(file: name)
            }
            let found = try DatabaseHeader(kind: row.text(0), tenant: row.text(1))
            guard try ConstantTime.isEqual(row.blob(2), master.withHeaderKey { found.code($0) }) else {
                throw StoreFault.databaseNotAuthentic(file: name)
            }
            guard found == header else {
                throw StoreFault.databaseMisplaced(file: name, expected: header.words, found: found.words)
            }
            let version = try transaction.first("SELECT coalesce(max(version), 0) FROM schema_version")?.integer(0)
            guard let version, version <= schema.version else {
                throw StoreFault.schemaTooNew(file: name, found: version ?? 0, known: schema.version)
            }
            for step in Int(version)..<schema.steps.count {
                for statement in schema.steps[step] { try transaction.execute(statement) }
                try transaction.execute(
                    "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)", .integer(Int64(step + 1)),
                    .integer(now.milliseconds))
            }
        }
    }
}
