import Core
import Login

/// `login` as written.
struct LoginEntry: Sendable {
    let homeRealm: LoginSettings.HomeRealm
    let password: PasswordEntry
    let throttle: ThrottleEntry
    let session: SessionLimitEntry

    static let homeRealmKey = DefaultedKey(
        "home_realm", ValueType<LoginSettings.HomeRealm>.choice("what tells the tenant"), default: "host",
        "What tells a visitor's tenant before any proof: the host alone, or the e-mail's domain too, which reveals who "
            + "is a customer.")
    static let passwordKey = DefaultedKey(
        "password", PasswordEntry.type, default: "{}", "What a password must be that is set from now on.")
    static let throttleKey = DefaultedKey(
        "throttle", ThrottleEntry.type, default: "{}", "How many failed logins pass before 429.")
    static let sessionKey = DefaultedKey("session", SessionLimitEntry.type, default: "{}", "What a sign-in is worth.")

    static let type = ValueType<LoginEntry>.mapping([homeRealmKey, passwordKey, throttleKey, sessionKey]) {
        section, _ in
        LoginEntry(
            homeRealm: section[homeRealmKey], password: section[passwordKey], throttle: section[throttleKey],
            session: section[sessionKey])
    }
}

/// `login.throttle` as written.
struct ThrottleEntry: Sendable {
    let perAddress: ThrottleSettings.Allowance
    let ipv6Prefix: Int
    let allow: [Located<AddressRange>]
    let perAccountAndAddress: ThrottleSettings.Allowance
    let perAccount: (allowance: ThrottleSettings.Allowance, slowdown: Milliseconds)
    let mode: Located<ThrottleSettings.Mode>

    static let failuresBounds = 1...1_000_000
    static let perBounds = Milliseconds.seconds(1)...(.hours(30 * 24))

    static let perAddressKey = DefaultedKey(
        "per_address", ThrottleEntry.perAddressType, default: "{}", "All failures of one address.")
    static let perAccountKey = DefaultedKey(
        "per_account_and_address", ThrottleEntry.perAccountType, default: "{}",
        "Failures of one address against one account.")

    static let slowedAccountKey = DefaultedKey(
        "per_account", ThrottleEntry.slowedAccountType, default: "{}",
        "Failures against one account from everywhere, by devices that it does not know: they make answers slow, and "
            + "refuse nobody.")
    static let modeKey = DefaultedKey(
        "mode", ValueType<ThrottleSettings.Mode>.choice("a mode").located, default: "enforce",
        "What becomes of a try beyond its bucket: enforce refuses it, monitor only counts it.")

    static let type = ValueType<ThrottleEntry>.mapping([
        perAddressKey, perAccountKey, slowedAccountKey, modeKey,
    ]) { section, _ in
        let (address, account) = (section[perAddressKey], section[perAccountKey])
        return ThrottleEntry(
            perAddress: address.allowance, ipv6Prefix: address.ipv6Prefix, allow: address.allow,
            perAccountAndAddress: account, perAccount: section[slowedAccountKey], mode: section[modeKey])
    }

    // `per_address`.
    static let addressFailuresKey = DefaultedKey(
        "failures", ValueType<Int>.integer(failuresBounds), default: "100",
        "Failures before it is refused, from devices that the account does not know.")
    static let addressPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(perBounds), default: "24h",
        "The span in which all of them are given back, evenly.")
    static let ipv6PrefixKey = DefaultedKey(
        "ipv6_prefix", ValueType<Int>.integer(48...128), default: "64",
        "How many bits of an IPv6 address are one address."
    )
    static let allowKey = DefaultedKey(
        "allow", ValueType<[Located<AddressRange>]>.locatedSet(of: .addressRange, count: 0...1000), default: "[]",
        "Networks that are not counted per address, such as an office's.")

    static let perAddressType = ValueType<
        (allowance: ThrottleSettings.Allowance, ipv6Prefix: Int, allow: [Located<AddressRange>])
    >.mapping([addressFailuresKey, addressPerKey, ipv6PrefixKey, allowKey]) { section, _ in
        let allowance = ThrottleSettings.Allowance(failures: section[addressFailuresKey], per: section[addressPerKey])
        return (allowance, section[ipv6PrefixKey], section[allowKey])
    }

    // `per_account_and_address`.
    static let accountFailuresKey = DefaultedKey(
        "failures", ValueType<Int>.integer(failuresBounds), default: "10", "Failures before it is refused.")
    static let accountPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(perBounds), default: "15m",
        "The span in which all of them are given back, evenly.")

    // `per_account`.
    static let slowedFailuresKey = DefaultedKey(
        "failures", ValueType<Int>.integer(failuresBounds), default: "50", "Failures before answers become slow.")
    static let slowedPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(perBounds), default: "1h",
        "The span in which all of them are given back, evenly.")
    static let slowdownKey = DefaultedKey(
        "slowdown", ValueType<Milliseconds>.duration(Milliseconds(0)...(.seconds(10))), default: "4s",
        "For how long an answer is held back then; 0s is never.")

    static let slowedAccountType = ValueType<(allowance: ThrottleSettings.Allowance, slowdown: Milliseconds)>.mapping([
        slowedFailuresKey, slowedPerKey, slowdownKey,
    ]) { section, _ in
        let allowance = ThrottleSettings.Allowance(failures: section[slowedFailuresKey], per: section[slowedPerKey])
        return (allowance, section[slowdownKey])
    }

    static let perAccountType = ValueType<ThrottleSettings.Allowance>.mapping([
        accountFailuresKey, accountPerKey,
    ]) { section, _ in
        ThrottleSettings.Allowance(failures: section[accountFailuresKey], per: section[accountPerKey])
    }
}

/// `login.session` as written.
struct SessionLimitEntry: Sendable {
    let idle: Located<Milliseconds>
    let absolute: Located<Milliseconds>
    /// False where the default is meant: then the fault of a pair stands at the other one.
    let namesIdle: Bool
    let perUserLimit: Int
    let outageGrace: Milliseconds

    static let idleKey = DefaultedKey(
        "idle", ValueType<Milliseconds>.duration(.seconds(1)...(.hours(30 * 24))).located, default: "30m",
        "A session ends when so long nothing was asked; at most absolute.")
    static let absoluteKey = DefaultedKey(
        "absolute", ValueType<Milliseconds>.duration(.seconds(1)...(.hours(365 * 24))).located, default: "12h",
        "A session ends then, whatever is asked.")
    static let perUserLimitKey = DefaultedKey(
        "per_user_limit", ValueType<Int>.integer(0...10_000), default: "0",
        "Sessions of one member at once, the oldest give way; 0 is 1000, which no member passes.")
    static let outageGraceKey = DefaultedKey(
        "outage_grace", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(24))), default: "15m",
        "How long sessions that are in memory go on while the store cannot be used.")

    static let type = ValueType<SessionLimitEntry>.mapping([
        idleKey, absoluteKey, perUserLimitKey, outageGraceKey,
    ]) { section, _ in
        SessionLimitEntry(
            idle: section[idleKey], absolute: section[absoluteKey], namesIdle: section.has(idleKey),
            perUserLimit: section[perUserLimitKey], outageGrace: section[outageGraceKey])
    }
}
