import Core
import Login

/// `login.session` as written.
struct SessionLimitEntry: Sendable {
    let idle: Located<Milliseconds>
    let absolute: Located<Milliseconds>
    /// False where the default is meant: then the fault of a pair stands at the other one.
    let namesIdle: Bool
    let perUserLimit: Located<Int>
    let remember: Located<Milliseconds>
    let outageGrace: Milliseconds

    static let idleBounds = Milliseconds.seconds(1)...(.hours(30 * 24))
    static let absoluteBounds = Milliseconds.seconds(1)...(.hours(365 * 24))
    static let perUserLimitBounds = 0...10_000
    static let rememberBounds = Milliseconds(0)...(.hours(365 * 24))

    static let idleKey = DefaultedKey(
        "idle", ValueType<Milliseconds>.duration(idleBounds).located, default: "30m",
        "A session ends when so long nothing was asked; at most absolute.")
    static let absoluteKey = DefaultedKey(
        "absolute", ValueType<Milliseconds>.duration(absoluteBounds).located, default: "12h",
        "A session ends then, whatever is asked.")
    static let perUserLimitKey = DefaultedKey(
        "per_user_limit", ValueType<Int>.integer(perUserLimitBounds).located, default: "0",
        "Sessions of one member at once, the oldest give way; 0 is 1000, which no member passes.")
    static let rememberKey = DefaultedKey(
        "remember", ValueType<Milliseconds>.duration(rememberBounds).located, default: "0s",
        "How long members stay signed in who ask for it at the sign-in, also when the browser was closed; at least "
            + "absolute, or 0s, which offers it to nobody.")
    static let outageGraceKey = DefaultedKey(
        "outage_grace", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(24))), default: "15m",
        "How long sessions that are in memory go on while the store cannot be used.")

    static let type = ValueType<SessionLimitEntry>.mapping([
        idleKey, absoluteKey, perUserLimitKey, rememberKey, outageGraceKey,
    ]) { section, _ in
        SessionLimitEntry(
            idle: section[idleKey], absolute: section[absoluteKey], namesIdle: section.has(idleKey),
            perUserLimit: section[perUserLimitKey], remember: section[rememberKey],
            outageGrace: section[outageGraceKey])
    }
}

/// A tenant's `session` as written: each key may only say less than gatehouse.yaml's of the same name.
struct TenantSessionEntry: Sendable {
    let idle: Located<Milliseconds>?
    let absolute: Located<Milliseconds>?
    let perUserLimit: Located<Int>?
    let remember: Located<Milliseconds>?

    static let idleKey = OptionalKey(
        "idle", ValueType<Milliseconds>.duration(SessionLimitEntry.idleBounds).located,
        "Instead of login.session.idle; at most that.")
    static let absoluteKey = OptionalKey(
        "absolute", ValueType<Milliseconds>.duration(SessionLimitEntry.absoluteBounds).located,
        "Instead of login.session.absolute; at most that.")
    static let perUserLimitKey = OptionalKey(
        "per_user_limit", ValueType<Int>.integer(SessionLimitEntry.perUserLimitBounds).located,
        "Instead of login.session.per_user_limit; at most that, where that is not 0.")
    static let rememberKey = OptionalKey(
        "remember", ValueType<Milliseconds>.duration(SessionLimitEntry.rememberBounds).located,
        "Instead of login.session.remember; at most that.")

    static let type = ValueType<TenantSessionEntry>.mapping([
        idleKey, absoluteKey, perUserLimitKey, rememberKey,
    ]) { section, _ in
        TenantSessionEntry(
            idle: section[idleKey], absolute: section[absoluteKey], perUserLimit: section[perUserLimitKey],
            remember: section[rememberKey])
    }

    var settings: TenantSessionSettings {
        TenantSessionSettings(
            idle: idle?.value, absolute: absolute?.value, perUserLimit: perUserLimit?.value, remember: remember?.value)
    }
}
