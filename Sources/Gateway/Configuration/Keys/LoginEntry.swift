import Core
import Login

/// `login` as written.
struct LoginEntry: Sendable {
    let homeRealm: LoginSettings.HomeRealm
    let password: PasswordEntry
    let throttle: ThrottleEntry
    let session: SessionLimitEntry
    let afterLogout: [String]
    let promptsForPasskey: Bool

    static let homeRealmKey = DefaultedKey(
        "home_realm", ValueType<LoginSettings.HomeRealm>.choice("what tells the tenant"), default: "host",
        "What tells a visitor's tenant before any proof: the host alone, or the e-mail's domain too, which reveals who "
            + "is a customer.")
    static let passwordKey = DefaultedKey(
        "password", PasswordEntry.type, default: "{}", "What a password must be that is set from now on.")
    static let throttleKey = DefaultedKey(
        "throttle", ThrottleEntry.type, default: "{}", "How many failed logins pass before 429.")
    static let sessionKey = DefaultedKey("session", SessionLimitEntry.type, default: "{}", "What a sign-in is worth.")

    static let afterLogoutKey = DefaultedKey(
        "after_logout", ValueType<[String]>.set(of: .httpsPrefix, count: 0...20), default: "[]",
        "URLs that a sign-out may lead on to, where its address names one (after_logout=URL).")

    static let promptForPasskeyKey = DefaultedKey(
        "prompt_for_passkey", ValueType<Bool>.boolean, default: "false",
        "Whether members who signed in by password and have no passkey are asked to make one, until they decline.")

    static let type = ValueType<LoginEntry>.mapping([
        homeRealmKey, passwordKey, throttleKey, sessionKey, afterLogoutKey, promptForPasskeyKey,
    ]) { section, _ in
        LoginEntry(
            homeRealm: section[homeRealmKey], password: section[passwordKey], throttle: section[throttleKey],
            session: section[sessionKey], afterLogout: section[afterLogoutKey],
            promptsForPasskey: section[promptForPasskeyKey])
    }
}

/// `login.throttle` as written.
struct ThrottleEntry: Sendable {
    let perAddress: ThrottleSettings.Allowance
    let ipv6Prefix: Int
    let allow: [Located<AddressRange>]
    let perAccountAndAddress: ThrottleSettings.Allowance
    let perAccount: (allowance: ThrottleSettings.Allowance, slowdown: Milliseconds)
    let links: LinkThrottleEntry
    let secondFactor: ThrottleSettings.Allowance
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
    static let secondFactorKey = DefaultedKey(
        "second_factor", ThrottleEntry.secondFactorType, default: "{}",
        "Wrong second factors of one account, whoever gives them; the password was right before.")
    static let modeKey = DefaultedKey(
        "mode", ValueType<ThrottleSettings.Mode>.choice("a mode").located, default: "enforce",
        "What becomes of a try beyond its bucket: enforce refuses it, monitor only counts it.")

    static let type = ValueType<ThrottleEntry>.mapping([
        perAddressKey, perAccountKey, slowedAccountKey, LinkThrottleEntry.invitationKey, LinkThrottleEntry.resetKey,
        secondFactorKey, modeKey,
    ]) { section, _ in
        let (address, account) = (section[perAddressKey], section[perAccountKey])
        return ThrottleEntry(
            perAddress: address.allowance, ipv6Prefix: address.ipv6Prefix, allow: address.allow,
            perAccountAndAddress: account, perAccount: section[slowedAccountKey],
            links: LinkThrottleEntry(
                invitation: section[LinkThrottleEntry.invitationKey], reset: section[LinkThrottleEntry.resetKey]),
            secondFactor: section[secondFactorKey],
            mode: section[modeKey])
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

    // `second_factor`: few, because a code of six digits may be guessed.
    static let secondFactorFailuresKey = DefaultedKey(
        "failures", ValueType<Int>.integer(1...50), default: "5", "Wrong ones before the account's next one is refused."
    )
    static let secondFactorPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(.minutes(1)...(.hours(30 * 24))), default: "15m",
        "The span in which all of them are given back, evenly.")

    static let secondFactorType = ValueType<ThrottleSettings.Allowance>.mapping([
        secondFactorFailuresKey, secondFactorPerKey,
    ]) { section, _ in
        ThrottleSettings.Allowance(failures: section[secondFactorFailuresKey], per: section[secondFactorPerKey])
    }
}
