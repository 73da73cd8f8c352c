import Core

@testable import Store

/// Connections with harmless contents.
enum ConnectionSample {
    static let entityID = "https://idp.acme.example/geheim"
    static let subject = "subject-7f3a-geheim"
    static let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    static let pem = "-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----\n"

    static func name(_ text: String = "okta") throws -> ConnectionName {
        guard let name = ConnectionName(text) else { throw StoreConflict.notFound }
        return name
    }

    static func metadata(_ mark: String = "eins") -> StoredMetadata {
        StoredMetadata(
            source: "https://idp.acme.example/metadata", document: Array("<Metadata>\(mark)</Metadata>".utf8),
            fetchedAt: time(10), checkedAt: time(20), etag: "\"\(mark)\"", failures: 2, fault: "timed out",
            keys: ["aa11", "bb22"], warned: ["aa11": 30, "bb22": 0, "cc33": -1])
    }

    static func origin(
        _ connection: String = "okta", entityID: String = entityID, subject: String = subject, index: String? = "s-1"
    ) throws -> SessionOrigin {
        SessionOrigin(
            connection: try name(connection), entityID: entityID, subject: subject, format: format,
            nameQualifier: "qualifier-geheim", ownQualifier: nil, sessionIndex: index)
    }

    static func trace(
        _ number: Int = 1, isBound: Bool = true, connection: String = "okta", at moment: WallTime? = nil
    ) -> SSOTrace {
        let at = moment ?? time(Int64(number))
        return SSOTrace(
            id: RowID(at: at), requestID: "request-\(number)", at: at, connection: connection, kind: .signIn,
            isBound: isBound, verdict: "refused", reason: "email-domain",
            summary: [.init("issuer", "issuer-geheim"), .init("size", "4711")],
            steps: [.init(outcome: "passed", words: "schritt-geheim"), .init(outcome: "failed", words: "")])
    }
}

extension TenantStore {
    @discardableResult
    func addKey(
        _ state: KeyState = .current, to connection: String = "okta", pem: String = ConnectionSample.pem,
        at now: WallTime = time(10)
    ) async throws -> RowID {
        try await connections.add(
            key: ConnectionSecret(SecretBytes(copying: Array(pem.utf8))), certificate: Array("certificate".utf8),
            state: state, to: ConnectionSample.name(connection), audit: entry("connection.key-made"), at: now)
    }

    @discardableResult
    func link(
        _ user: User, _ subject: String = ConnectionSample.subject, by connection: String = "okta",
        entityID: String = ConnectionSample.entityID, endingSessions: Bool = false, at now: WallTime = time(10)
    ) async throws -> [RowID] {
        try await connections.addLink(
            user.id, connection: ConnectionSample.name(connection), entityID: entityID, subject: subject,
            format: ConnectionSample.format, endingSessions: endingSessions,
            audit: entry("connection.linked", subject: user.id), at: now)
    }

    func owner(
        _ subject: String = ConnectionSample.subject, by connection: String = "okta",
        entityID: String = ConnectionSample.entityID
    ) async throws -> UserID? {
        try await connections.link(
            connection: ConnectionSample.name(connection), entityID: entityID, subject: subject)?.user
    }

    @discardableResult
    func makeSSOSession(
        _ user: User, token: UInt8 = 1, origin: SessionOrigin? = nil, expiresAt: WallTime = time(1_000_000),
        limit: Int = 0
    ) async throws -> StoredSession {
        let origin = try origin ?? ConnectionSample.origin()
        return try await sessions.create(
            user: user.id, token: digest(token), factors: [ProvedFactor(.sso, at: time(3))], expiresAt: expiresAt,
            client: "Firefox", limit: limit, origin: origin, audit: entry("session.began", subject: user.id),
            at: time(Int64(token))
        ).session
    }

    /// How many origins of sessions the file has.
    func originCount() async throws -> Int {
        try await database.transaction { try $0.query("SELECT 1 FROM session_origin").count }
    }

    /// The actions of the audit log, in order.
    func actions() async throws -> [String] { try await audit.entries().map(\.action) }
}
