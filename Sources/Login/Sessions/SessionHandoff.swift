public import Core
import HostCrypto
public import Store

/// Hands a session over to another host of its tenant: one sign-in, and each host has its own cookie (decision 21).
///
/// The host where members sign in makes a code, the browser carries it to the other host, and that one gives a token of
/// the same session for it.  A code has 256 bits, is kept as SHA-256, works once and for half a minute, and only for
/// the host and the browser that it was made for.
public struct SessionHandoff: Sendable {
    /// What a host gives its browser for a code.
    public struct Received: Sendable, Hashable {
        /// The session cookie's value on this host.
        public let token: String
        public let tenant: TenantID
        /// When the session ends at the latest.
        public let expiresAt: WallTime
        /// Whether the browser is to keep the cookie when it is closed.
        public let isRemembered: Bool

        public init(token: String, tenant: TenantID, expiresAt: WallTime, isRemembered: Bool) {
            self.token = token
            self.tenant = tenant
            self.expiresAt = expiresAt
            self.isRemembered = isRemembered
        }
    }

    private let store: DataStore
    private let now: @Sendable () -> WallTime

    public init(store: DataStore, now: @escaping @Sendable () -> WallTime) {
        self.store = store
        self.now = now
    }

    /// Makes a code for another host.
    /// - Parameters:
    ///   - token: the session cookie of the host that hands over.
    ///   - host: the one that receives; the caller has judged that it may.
    ///   - state: what the receiving host sealed for the browser.
    /// - Returns: nil where the session has ended.
    /// - Throws: `StoreFault`.
    public func offer(_ token: String, to host: String, state: String) async throws -> String? {
        guard let tenant = SessionTokens.tenant(of: token), let held = SessionTokens.digest(token),
            let sessions = try await sessions(of: tenant)
        else { return nil }
        let code = SessionTokens.make(for: tenant)
        guard let digest = SessionTokens.digest(code), let state = Self.digest(ofState: state),
            try await sessions.offer(digest, of: held, to: host, state: state, at: now())
        else { return nil }
        return code
    }

    /// Takes a code in and makes a token for its host.
    /// - Parameters:
    ///   - hostTenant: the tenant that the host belongs to; nil for a shared one.
    ///   - state: as above; the caller has opened it for this browser.
    /// - Returns: nil where the code is worth nothing here, or no more.
    /// - Throws: `StoreFault`.
    public func redeem(
        _ code: String, on host: String, of hostTenant: TenantID?, state: String, client: ClientAddress
    ) async throws -> Received? {
        guard let tenant = SessionTokens.tenant(of: code), hostTenant == nil || hostTenant == tenant,
            let digest = SessionTokens.digest(code), let sessions = try await sessions(of: tenant)
        else { return nil }
        let token = SessionTokens.make(for: tenant)
        guard let tokenDigest = SessionTokens.digest(token), let state = Self.digest(ofState: state) else { return nil }
        let handed = try await sessions.redeem(digest, on: host, state: state, token: tokenDigest, at: now()) {
            LoginRecord.handedOver($0, to: host, client: client)
        }
        return handed.map {
            Received(token: token, tenant: tenant, expiresAt: $0.expiresAt, isRemembered: $0.isRemembered)
        }
    }

    /// Of a tenant that is there and open: a name that somebody made up must not have a database made.
    private func sessions(of tenant: TenantID) async throws -> SessionRepository? {
        guard try await store.isUsed(tenant), let (record, tenantStore) = try await store.openTenant(tenant),
            record.state == .active
        else { return nil }
        return tenantStore.sessions
    }

    private static func digest(ofState state: String) -> TokenDigest? {
        TokenDigest(SHA256Digest.bytes(Array(state.utf8)))
    }
}
