public import Core
import HostCrypto

/// How a session reaches another host of its tenant: by a code that the browser carries there (decision 21).
extension SessionRepository {
    /// A code is worth nothing after so long.
    public static let handoffLifetime = Milliseconds.seconds(30)

    /// What came of a code.
    public struct HandedOver: Hashable, Sendable {
        public let id: RowID
        public let user: UserID
        /// When the session ends at the latest.
        public let expiresAt: WallTime
        /// Whether the member asked to stay signed in on this browser.
        public let isRemembered: Bool
    }

    /// Keeps a code that hands the session of a token over to a host.
    /// - Parameters:
    ///   - host: one of the tenant's, or a shared one; the caller has judged that.
    ///   - state: the digest of what only the browser that began there can open.
    /// - Returns: false where the token is no session's that is alive; then nothing was written.
    public func offer(
        _ code: TokenDigest, of token: TokenDigest, to host: String, state: TokenDigest, at now: WallTime
    ) async throws -> Bool {
        try await database.transaction { transaction in
            guard let found = try living(token, &transaction), try found.row.integer(5) > now.milliseconds,
                found.other.map({ now < $0.endsAt }) ?? true, let session = RowID(octets: try found.row.blob(0)),
                let factors = try found.other?.factors ?? StoredSession.factors(found.row.text(6))
            else { return false }
            let expiresAt = WallTime(milliseconds: now.milliseconds + Int64(Self.handoffLifetime.count))
            try codes.insert(
                HandoffCodes.Code(
                    session: session, host: host, state: state.octets, factors: factors, expiresAt: expiresAt),
                as: code, at: now, &transaction)
            return true
        }
    }

    /// Gives the session of a code a token for the code's host.  A code that comes to another host, or from another
    /// browser, is worth nothing from then on.
    /// - Parameters:
    ///   - token: new; it opens `host` alone, and takes the place of the one that the session had there.
    ///   - audit: what is written about the session.
    /// - Returns: nil where there is no such code, its time is over, it is for another host or browser, or its session
    ///   has ended.
    public func redeem(
        _ code: TokenDigest, on host: String, state: TokenDigest, token: TokenDigest, at now: WallTime,
        audit describe: @escaping @Sendable (HandedOver) -> AuditEntry
    ) async throws -> HandedOver? {
        // 1. Whose it is: the entry's key is that person's.
        let peeked = try await database.transaction { transaction -> (SQLRow, UserID)? in
            guard let found = try codes.find(code, &transaction) else { return nil }
            guard found.host == host, ConstantTime.isEqual(found.state, state.octets), now < found.expiresAt,
                let row = try find(found.session, &transaction), try row.integer(5) > now.milliseconds,
                let user = UserID(octets: try row.blob(2))
            else {
                _ = try codes.delete(code, &transaction)
                return nil
            }
            return (row, user)
        }
        guard let (row, user) = peeked else { return nil }
        let session = try session(row, key: await hierarchy.person(user, of: rows.keys))
        let handed = HandedOver(
            id: session.id, user: user, expiresAt: session.expiresAt, isRemembered: session.isRemembered)
        let entry = describe(handed)
        let auditKey = try await audit.sealingKey(for: entry)
        // 2. The code goes and the token comes, once.
        return try await database.transaction { transaction in
            guard let found = try codes.find(code, &transaction), try codes.delete(code, &transaction),
                let row = try find(found.session, &transaction), try isAlive(row, &transaction)
            else { return nil }
            try tokens.insert(
                HostTokens.Token(
                    session: found.session, host: host, factors: found.factors, endsAt: handed.expiresAt),
                as: token, grace: Self.formerTokenLifetime, at: now, &transaction)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return handed
        }
    }
}
