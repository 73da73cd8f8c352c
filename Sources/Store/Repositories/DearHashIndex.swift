public import Core
public import HostCrypto

/// What the dearest hash of each tenant's members costs, where members brought hashes along that cost more than ours.
///
/// A wrong password for such a member takes longer than for anybody else.  Answers of the whole tenant wait for that
/// long, so that none tells who has one (security rule 14).  It names no member and nothing of a hash but its cost, and
/// it is forgotten with the last of those hashes.
public struct DearHashIndex: Sendable {
    private let database: any SQLDatabase

    init(_ database: any SQLDatabase) { self.database = database }

    static let steps: [StaticString] = [
        "CREATE TABLE dear_hash (tenant TEXT NOT NULL PRIMARY KEY, microseconds BIGINT NOT NULL)",
        "CREATE INDEX dear_hash_microseconds ON dear_hash (microseconds)",
    ]

    /// Whether a hash costs more than those that we make.
    static func isDear(_ hash: PasswordHash?) -> Bool {
        guard let hash else { return false }
        return hash.work > Argon2id.Cost.standard.work
    }

    /// The dearest of a tenant; of all tenants where nil is asked, as on hosts where the address decides.
    public func dearest(of tenant: TenantID?) async throws -> HashWork? {
        try await database.reading { transaction in
            let row =
                if let tenant {
                    try transaction.first("SELECT microseconds FROM dear_hash WHERE tenant = ?", .text(tenant.text))
                } else {
                    try transaction.first("SELECT microseconds FROM dear_hash ORDER BY microseconds DESC LIMIT 1")
                }
            return try row.map { HashWork(microseconds: Int(clamping: try $0.integer(0))) }
        }
    }

    /// Notes a hash before its member is written: too dear an answer misleads nobody, too cheap a one would.
    func raise(_ work: HashWork, of tenant: TenantID) async throws {
        try await database.transaction { transaction in
            try transaction.execute(
                """
                INSERT INTO dear_hash (tenant, microseconds) VALUES (?, ?)
                ON CONFLICT (tenant) DO UPDATE SET microseconds = max(microseconds, excluded.microseconds)
                """, .text(tenant.text), .integer(Int64(work.microseconds)))
        }
    }

    /// Notes what is left after a hash has gone; nil for none.
    func replace(_ work: HashWork?, of tenant: TenantID) async throws {
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM dear_hash WHERE tenant = ?", .text(tenant.text))
            guard let work else { return }
            try transaction.execute(
                "INSERT INTO dear_hash (tenant, microseconds) VALUES (?, ?)", .text(tenant.text),
                .integer(Int64(work.microseconds)))
        }
    }
}

extension UserRepository {
    /// Brings the index down to what the tenant's members still have, after one of the dear hashes has gone.
    func lowerDearHashes() async throws {
        let left = try await database.transaction { try rows.dearestWork(&$0) }
        try await dearHashes.replace(left, of: rows.tenant)
        // An import that was written between the two has the last word.
        if let now = try await database.transaction({ try rows.dearestWork(&$0) }) {
            try await dearHashes.raise(now, of: rows.tenant)
        }
    }
}
