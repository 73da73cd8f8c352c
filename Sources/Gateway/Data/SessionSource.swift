import Access
import Core
import EventLoop
import HostCrypto
import Login
import Store

/// Looks sessions up in the store, for loops that do not hold them.
///
/// It judges the times that the store leaves to its caller; a clock that was set back never prolongs a session.
struct SessionSource: Sendable {
    let store: DataStore
    let book: TenantBook
    let monitor: StoreMonitor
    /// Asked for sessions that have proved no second factor.
    let grace: SecondFactorGrace
    /// What a sign-in at a tenant is worth.
    let limits: @Sendable (TenantID) -> SessionSettings
    /// True for a session that its application has ended, though the store may not know it yet.
    let isEnding: @Sendable (SessionHandle) -> Bool
    /// The wall clock and the one that never jumps, read together.
    let now: @Sendable () -> (wall: WallTime, monotonic: MonotonicInstant)

    /// The session of a token.
    /// - Parameter tenant: the one that the token names.
    func lookup(_ key: SessionKey, _ tenant: TenantID?) async -> SessionLookup {
        let (wall, monotonic) = now()
        guard let tenant, let digest = TokenDigest(Self.octets(of: key)) else { return .missing }
        let limits = limits(tenant)
        guard !monitor.isOut(longerThan: limits.outageGrace, at: monotonic) else { return .unavailable }
        do {
            // A token that somebody made up must not have a database made.
            guard try await store.isUsed(tenant) else { return .missing }
            guard let (session, user, host) = try await store.tenant(tenant).sessions.find(digest) else {
                return .missing
            }
            guard
                var entry = Self.entry(
                    session, user, tenant: tenant, roles: book.roles(of: user, in: tenant), limits: limits, wall: wall,
                    monotonic: monotonic), !isEnding(entry.handle)
            else { return .missing }
            entry.host = host
            if entry.assurance.secondFactorProvedAt == nil {
                entry.secondFactorDueAt = try await grace.dueAt(
                    user, roles: entry.roles, of: tenant, wall: wall, monotonic: monotonic)
            }
            return .found(entry)
        } catch is StoreConflict {
            return .missing
        } catch let fault as StoreFault where fault.isAboutOnePerson {
            // One row that was changed by another hand is nobody's session; everybody else's go on.
            monitor.note(fault, at: monotonic)
            return .missing
        } catch {
            monitor.note(error, at: monotonic)
            return .unavailable
        }
    }

    /// What is still true of a stored session; nil where its time is over.
    static func entry(
        _ session: StoredSession, _ user: User, tenant: TenantID, roles: [RoleName], limits: SessionSettings,
        wall: WallTime, monotonic: MonotonicInstant
    ) -> SessionEntry? {
        // Shorter limits than those that the session began with hold at once.
        let (idleLimit, absoluteLimit) = limits.limits(isRemembered: session.isRemembered)
        let absolute = min(
            session.expiresAt.milliseconds, session.createdAt.milliseconds + Int64(absoluteLimit.count))
        let age = max(0, wall.milliseconds - session.usedAt.milliseconds)
        guard wall.milliseconds < absolute, age < Int64(idleLimit.count),
            let handle = SessionHandle(session.id.description)
        else { return nil }
        func instant(_ moment: WallTime) -> MonotonicInstant {
            let ago = UInt64(max(0, wall.milliseconds - moment.milliseconds))
            return MonotonicInstant(milliseconds: monotonic.milliseconds > ago ? monotonic.milliseconds - ago : 0)
        }
        var assurance = Assurance()
        for proved in session.factors { assurance[proved.factor] = instant(proved.at) }
        return SessionEntry(
            handle: handle, tenant: tenant, user: user.id, externalID: user.externalID, email: user.email,
            name: user.name, roles: roles, assurance: assurance, lastUse: instant(session.usedAt),
            idleLimit: idleLimit,
            absoluteDeadline: monotonic.advanced(by: Milliseconds(UInt64(absolute - wall.milliseconds))),
            epoch: UInt64(max(0, session.epoch)))
    }

    private static func octets(of key: SessionKey) -> [UInt8] {
        let words = key.words
        return [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
    }
}

extension StoreFault {
    /// A record of one member does not hold: no reason to keep the others out.
    var isAboutOnePerson: Bool {
        guard case .recordNotAuthentic(let table, _) = self else { return false }
        return [
            "session", "member", "member.password", "person_key", "device", "former_token", "session_token",
            "authenticator_app", "passkey", "recovery_code", "member_factor",
        ].contains(table)
    }
}
