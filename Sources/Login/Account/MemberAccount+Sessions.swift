public import Core
import Store

/// Where the member is signed in, and how they end it.
extension MemberAccount {
    /// One browser in which the member is signed in.
    public struct SignedInBrowser: Hashable, Sendable {
        public let session: SessionHandle
        /// What the browser says of itself; empty where it says nothing.
        public let userAgent: String
        /// Where it was at sign-in.
        public let address: String
        public let beganAt: WallTime
        /// Up to a minute old.
        public let usedAt: WallTime
        /// When it ends at the latest.
        public let expiresAt: WallTime
        public let isRemembered: Bool
        /// Whether it is the one that asks.
        public let isThisOne: Bool
    }

    /// The browsers in which the member is signed in: this one first, then the one that was used last.
    /// - Parameter limits: what a sign-in is worth; those whose time is over are left out.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func browsers(of holder: AccountHolder, limits: SessionSettings) async throws -> [SignedInBrowser] {
        let (_, store, user, own) = try await open(holder)
        let moment = now()
        return try await store.sessions.list(of: user.id).compactMap { session -> SignedInBrowser? in
            guard session.epoch == user.epoch, let handle = SessionHandle(session.id.description) else { return nil }
            let limits = limits.limits(isRemembered: session.isRemembered)
            let end = min(session.expiresAt, session.createdAt.advanced(by: limits.absolute))
            guard moment < end, moment < session.usedAt.advanced(by: limits.idle) else { return nil }
            let client = SessionClient(session.client)
            return SignedInBrowser(
                session: handle, userAgent: client.userAgent, address: client.address, beganAt: session.createdAt,
                usedAt: session.usedAt, expiresAt: end, isRemembered: session.isRemembered,
                isThisOne: session.id == own.id)
        }.sorted { one, other in
            if one.isThisOne != other.isThisOne { return one.isThisOne }
            return (one.usedAt, one.session.description) > (other.usedAt, other.session.description)
        }
    }

    /// Ends one of the member's sessions; one that has ended is no error.
    /// - Returns: false where the member has none of this handle.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func end(_ session: SessionHandle, of holder: AccountHolder) async throws -> Bool {
        let (_, store, user, _) = try await open(holder)
        guard let id = RowID(session.description) else { return false }
        let entry = AuditEntry(
            action: "session.revoked", actor: .user(user.id), subject: user.id,
            publicDetails: [.init("session", session.description)])
        return try await store.sessions.revoke(id, of: user.id, audit: entry, at: now())
    }

    /// Ends the member's sessions but the one that asks.
    /// - Returns: those that ended.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func endOthers(of holder: AccountHolder) async throws -> [SessionHandle] {
        let (_, store, user, own) = try await open(holder)
        let entry = AuditEntry(
            action: "sessions.revoked", actor: .user(user.id), subject: user.id,
            publicDetails: [.init("kept", own.id.description)])
        return try await store.sessions.revokeOthers(of: user.id, than: own.id, audit: entry, at: now())
            .compactMap { SessionHandle($0.description) }
    }

    /// Ends all of the member's sessions.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func endAll(of holder: AccountHolder) async throws {
        let (_, store, user, _) = try await open(holder)
        let entry = AuditEntry(action: "sessions.revoked", actor: .user(user.id), subject: user.id)
        _ = try await store.sessions.revokeAll(of: user.id, audit: entry, at: now())
    }

    /// How many browsers keep an allowance of their own because the member has signed in with them.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func knownDevices(of holder: AccountHolder) async throws -> Int {
        let (_, store, user, _) = try await open(holder)
        return try await store.devices.count(of: user.id, at: now())
    }

    /// Forgets those browsers.
    /// - Throws: `StoreConflict`, `StoreFault`.
    public func forgetDevices(of holder: AccountHolder) async throws {
        let (_, store, user, _) = try await open(holder)
        let entry = AuditEntry(action: "devices.forgotten", actor: .user(user.id), subject: user.id)
        try await store.devices.forgetAll(of: user.id, audit: entry, at: now())
    }
}
