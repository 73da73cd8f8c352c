public import Core
import HostCrypto

/// The audit log of one tenant, or of the directory: append-only, hash-chained, sealed.
///
/// Each entry's code is a keyed hash over its columns, its sealed bytes and the code before it, so that none can
/// be changed, left out or put in between without the tenant's key.  A head that is authenticated too says how
/// many there are, so that none can be cut off.  The sealed bytes are hashed as they are: destroying a person's key
/// leaves the chain whole.
public struct AuditLog: Sendable {
    /// Rows of one reading, at most.
    public static let longestPage = 1000

    private let database: any SQLDatabase
    private let keys: TenantKeys
    private let hierarchy: KeyHierarchy

    init(_ database: any SQLDatabase, keys: TenantKeys, hierarchy: KeyHierarchy) {
        self.database = database
        self.keys = keys
        self.hierarchy = hierarchy
    }

    static let steps: [StaticString] = [
        """
        CREATE TABLE audit (
            sequence BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, public BLOB NOT NULL, subject BLOB,
            sealed BLOB, previous BLOB NOT NULL, code BLOB NOT NULL)
        """,
        "CREATE INDEX audit_subject ON audit (subject, sequence)",
        """
        CREATE TABLE audit_head (
            only BIGINT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL, code BLOB NOT NULL, mac BLOB NOT NULL)
        """,
    ]

    /// Writes an entry that goes with no other write.
    /// - Throws: `StoreFault`; `StoreConflict.erased` where the subject has been erased and something is to be
    ///   sealed.
    public func append(_ entry: AuditEntry, at now: WallTime) async throws {
        try await database.transaction { transaction in
            try append(entry, key: sealingKeyWithin(for: entry), at: now, in: &transaction)
        }
    }

    /// The key for the entry's sealed part: the subject's, else the tenant's.
    func sealingKey(for entry: AuditEntry) async throws -> SealingKey {
        guard let subject = entry.subject, !entry.sealedDetails.isEmpty else { return keys.records }
        return try await hierarchy.person(subject, of: keys)
    }

    /// The same key, for the body of a transaction of this log's database.
    func sealingKeyWithin(for entry: AuditEntry) throws -> SealingKey {
        guard let subject = entry.subject, !entry.sealedDetails.isEmpty else { return keys.records }
        return try hierarchy.personWithin(subject, of: keys)
    }

    /// Writes the entry in the transaction of the write that it describes.
    func append(_ entry: AuditEntry, key: SealingKey, at now: WallTime, in transaction: inout StoreTransaction) throws {
        let head = try head(&transaction)
        let sequence = head.sequence + 1
        let open = Self.encoded(entry)
        let sealed: [UInt8]? =
            entry.sealedDetails.isEmpty
            ? nil : key.seal(Self.encoded(entry.sealedDetails), for: binding(sequence, entry.subject))
        let columns: [SQLValue] = [
            .integer(sequence), .integer(now.milliseconds), .blob(open), .optional(entry.subject?.octets),
            .optional(sealed), .blob(head.code),
        ]
        let code = keys.rows.code(tenant: keys.scope, table: "audit", columns: columns)
        try transaction.execute(
            "INSERT INTO audit (sequence, at, public, subject, sealed, previous, code) VALUES (?, ?, ?, ?, ?, ?, ?)",
            columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], .blob(code))
        try transaction.execute(
            """
            INSERT INTO audit_head (only, sequence, code, mac) VALUES (1, ?, ?, ?)
            ON CONFLICT (only) DO UPDATE SET sequence = excluded.sequence, code = excluded.code, mac = excluded.mac
            """, .integer(sequence), .blob(code), .blob(headCode(sequence, code)))
    }

    /// Entries after `sequence`, oldest first.
    /// - Parameter limit: 1…1000; more is cut.
    public func entries(after sequence: Int64 = 0, limit: Int = longestPage) async throws -> [AuditRecord] {
        let limit = min(max(1, limit), Self.longestPage)
        let rows = try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT sequence, at, public, subject, sealed FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?
                """, .integer(sequence), .integer(Int64(limit)))
        }
        // A subject without sealed details may never have had a key.
        let subjects = Set(
            try rows.filter { !$0.isNull(4) }.compactMap { try $0.optionalBlob(3).flatMap { UserID(octets: $0) } })
        let persons = try await hierarchy.persons(Array(subjects), of: keys)
        return try rows.map { try record($0, persons: persons) }
    }

    /// Follows the chain from its first entry to its head.
    public func verify() async throws -> AuditChainReport {
        let head = try await database.transaction { transaction -> Int64 in try self.head(&transaction).sequence }
        var (previous, count) = (Self.start, Int64(0))
        while true {
            let after = count
            let rows = try await database.transaction { transaction -> [SQLRow] in
                try transaction.query(
                    """
                    SELECT sequence, at, public, subject, sealed, previous, code FROM audit WHERE sequence > ?
                    ORDER BY sequence LIMIT 1000
                    """, .integer(after))
            }
            for row in rows {
                let expected = keys.rows.code(tenant: keys.scope, table: "audit", columns: Array(row.values.prefix(6)))
                guard try row.integer(0) == count + 1, try row.blob(5) == previous,
                    try ConstantTime.isEqual(row.blob(6), expected)
                else { return AuditChainReport(count: count, brokenAt: count + 1) }
                previous = expected
                count += 1
            }
            if rows.isEmpty { break }
        }
        // Entries that were written since the head was read are no fault.
        return AuditChainReport(count: count, brokenAt: count < head ? count + 1 : nil)
    }

    // MARK: Chain

    private static let start = [UInt8](repeating: 0, count: HMACSHA256.byteCount)

    private func head(_ transaction: inout StoreTransaction) throws -> (sequence: Int64, code: [UInt8]) {
        guard let row = try transaction.first("SELECT sequence, code, mac FROM audit_head WHERE only = 1") else {
            guard try transaction.first("SELECT 1 FROM audit LIMIT 1") == nil else {
                throw StoreFault.recordNotAuthentic(table: "audit_head", row: "1")
            }
            return (0, Self.start)
        }
        let (sequence, code) = try (row.integer(0), row.blob(1))
        guard try ConstantTime.isEqual(row.blob(2), headCode(sequence, code)) else {
            throw StoreFault.recordNotAuthentic(table: "audit_head", row: "1")
        }
        return (sequence, code)
    }

    private func headCode(_ sequence: Int64, _ code: [UInt8]) -> [UInt8] {
        keys.rows.code(tenant: keys.scope, table: "audit_head", columns: [.integer(sequence), .blob(code)])
    }

    private func binding(_ sequence: Int64, _ subject: UserID?) -> RecordBinding {
        RecordBinding(
            tenant: keys.scope, table: "audit", row: sequence.bigEndianOctets,
            columns: [.optional(subject?.octets)])
    }
}

// MARK: The parts of an entry as bytes

extension AuditLog {
    private static func encoded(_ entry: AuditEntry) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(entry.action)
        switch entry.actor {
        case .operator: encoder.append("operator")
        case .user(let user): encoder.append("user \(user)")
        case .visitor: encoder.append("visitor")
        case .system: encoder.append("system")
        }
        encoder.append(encoded(entry.publicDetails))
        return encoder.bytes
    }

    private static func encoded(_ details: [AuditEntry.Detail]) -> [UInt8] {
        var encoder = FieldEncoder()
        for detail in details {
            encoder.append(detail.name)
            encoder.append(detail.value)
        }
        return encoder.bytes
    }

    private static func details(_ bytes: [UInt8]) throws -> [AuditEntry.Detail] {
        var decoder = FieldDecoder(bytes)
        var details: [AuditEntry.Detail] = []
        while !decoder.isAtEnd { details.append(AuditEntry.Detail(try decoder.text(), try decoder.text())) }
        return details
    }

    private func record(_ row: SQLRow, persons: [UserID: SealingKey]) throws -> AuditRecord {
        let sequence = try row.integer(0)
        let malformed = StoreFault.recordNotAuthentic(table: "audit", row: "\(sequence)")
        var decoder = FieldDecoder(try row.blob(2))
        let (action, actorText) = try (decoder.text(), decoder.text())
        let actor: AuditEntry.Actor
        switch actorText {
        case "operator": actor = .operator
        case "visitor": actor = .visitor
        case "system": actor = .system
        default:
            guard actorText.hasPrefix("user "), let user = UserID(String(actorText.dropFirst(5))) else {
                throw malformed
            }
            actor = .user(user)
        }
        let subject = try row.optionalBlob(3).flatMap { UserID(octets: $0) }
        var sealed: [AuditEntry.Detail]? = []
        if let bytes = try row.optionalBlob(4) {
            let key = subject == nil ? keys.records : subject.flatMap { persons[$0] }
            sealed = try key.map { try Self.details($0.open(bytes, for: binding(sequence, subject))) }
        }
        return AuditRecord(
            sequence: sequence, at: WallTime(milliseconds: try row.integer(1)), action: action, actor: actor,
            subject: subject, publicDetails: try Self.details(decoder.octets()), sealedDetails: sealed)
    }
}
