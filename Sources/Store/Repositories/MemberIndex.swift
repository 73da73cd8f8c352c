public import Core

/// Which tenants have a member with an address: keyed hashes and tenant ids, nothing more.  Shared hosts ask it
/// before a login, and the answer is shown only after the proof.
public struct MemberIndex: Sendable {
    /// Tenants of one address that are ever told.
    public static let longestAnswer = 100

    private let database: any SQLDatabase
    private let keys: TenantKeys

    init(_ database: any SQLDatabase, keys: TenantKeys) {
        self.database = database
        self.keys = keys
    }

    /// The tenants that may have a member with the address; the tenant's own database has the last word.
    public func tenants(of email: NormalizedEmail) async throws -> [TenantID] {
        let index = index(email)
        return try await database.transaction { transaction in
            try transaction.query(
                "SELECT tenant FROM member_index WHERE email_index = ? ORDER BY tenant LIMIT 100", .blob(index)
            ).compactMap { TenantID(try $0.text(0)) }
        }
    }

    /// Notes the address before the member is written: an entry too many misleads nobody, one too few would.
    func add(_ email: NormalizedEmail, tenant: TenantID) async throws {
        let index = index(email)
        try await database.transaction { transaction in
            try transaction.execute(
                "INSERT INTO member_index (email_index, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING", .blob(index),
                .text(tenant.text))
        }
    }

    /// As above, for many.
    func add(_ emails: [NormalizedEmail], tenant: TenantID) async throws {
        let indexes = emails.map { index($0) }
        try await database.transaction { transaction in
            for index in indexes {
                try transaction.execute(
                    "INSERT INTO member_index (email_index, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    .blob(index), .text(tenant.text))
            }
        }
    }

    /// Forgets the address after the member has gone.
    func remove(_ email: NormalizedEmail, tenant: TenantID) async throws {
        let index = index(email)
        try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM member_index WHERE email_index = ? AND tenant = ?", .blob(index), .text(tenant.text))
        }
    }

    private func index(_ email: NormalizedEmail) -> [UInt8] {
        keys.index.index("member-email \(NormalizedEmail.rule)", email.text)
    }
}
