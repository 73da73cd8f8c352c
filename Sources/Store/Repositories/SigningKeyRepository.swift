public import Core
public import HostCrypto

/// The keys that sign assertions, sealed in the directory, so that what an application has fetched from `jwks.json`
/// stays true over a restart.
public struct SigningKeyRepository: Sendable {
    private let database: any SQLDatabase
    private let keys: TenantKeys

    init(_ database: any SQLDatabase, keys: TenantKeys) {
        self.database = database
        self.keys = keys
    }

    static let steps: [StaticString] = [
        "CREATE TABLE signing_key (kid TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL, sealed BLOB NOT NULL)"
    ]

    /// The newest key; one is made where there is none.
    /// - Throws: `StoreFault`.
    public func current(at now: WallTime) async throws -> ES256PrivateKey {
        // Made before the transaction, which may find that another was first.
        let fresh = ES256PrivateKey()
        return try await database.transaction { transaction in
            let found = try transaction.first(
                "SELECT kid, created_at, sealed FROM signing_key ORDER BY created_at DESC, kid LIMIT 1")
            if let found { return try key(found) }
            let kid = fresh.publicKey.thumbprint
            var plain: [UInt8] = []
            defer { Wiping.wipe(&plain) }
            fresh.pkcs8().withBytes { bytes in
                let octets = Span<UInt8>(_bytes: bytes)
                for index in octets.indices { plain.append(octets[index]) }
            }
            let sealed = keys.records.seal(plain, for: binding(kid, now.milliseconds))
            try transaction.execute(
                "INSERT INTO signing_key (kid, created_at, sealed) VALUES (?, ?, ?)", .text(kid),
                .integer(now.milliseconds), .blob(sealed))
            return fresh
        }
    }

    private func key(_ row: SQLRow) throws -> ES256PrivateKey {
        let (kid, createdAt) = try (row.text(0), row.integer(1))
        var plain = try keys.records.open(row.blob(2), for: binding(kid, createdAt))
        let secret = SecretBytes(wiping: &plain)
        guard let key = ES256PrivateKey(pkcs8: secret), key.publicKey.thumbprint == kid else {
            throw StoreFault.recordNotAuthentic(table: "signing_key", row: kid)
        }
        return key
    }

    private func binding(_ kid: String, _ createdAt: Int64) -> RecordBinding {
        RecordBinding(tenant: keys.scope, table: "signing_key", row: Array(kid.utf8), columns: [.integer(createdAt)])
    }
}
