import Core
import Login

/// `login.throttle.invitation` and `.reset` as written: links that set a password, and the mails that bring them.
struct LinkThrottleEntry: Sendable {
    let invitation: ThrottleSettings.Allowance
    let reset: (perAddress: ThrottleSettings.Allowance, perAccount: ThrottleSettings.Allowance)

    static let invitationKey = DefaultedKey(
        "invitation", LinkThrottleEntry.invitationType, default: "{}",
        "Links of invitations and resets that fit nothing, of one address.")
    static let resetKey = DefaultedKey(
        "reset", LinkThrottleEntry.resetType, default: "{}", "Mails to reset a password that one address asks for.")

    // `invitation`.
    static let invitationFailuresKey = DefaultedKey(
        "failures", ValueType<Int>.integer(ThrottleEntry.failuresBounds), default: "50",
        "Links that fit nothing before the address's next one is refused.")
    static let invitationPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(ThrottleEntry.perBounds), default: "24h",
        "The span in which all of them are given back, evenly.")

    static let invitationType = ValueType<ThrottleSettings.Allowance>.mapping([
        invitationFailuresKey, invitationPerKey,
    ]) { section, _ in
        ThrottleSettings.Allowance(failures: section[invitationFailuresKey], per: section[invitationPerKey])
    }

    // `reset`.
    static let requestsKey = DefaultedKey(
        "requests", ValueType<Int>.integer(ThrottleEntry.failuresBounds), default: "10",
        "Mails that an address asks for before it is refused.")
    static let resetPerKey = DefaultedKey(
        "per", ValueType<Milliseconds>.duration(ThrottleEntry.perBounds), default: "1h",
        "The span in which all of them are given back, evenly.")
    static let requestsPerAccountKey = DefaultedKey(
        "requests_per_account", ValueType<Int>.integer(ThrottleEntry.failuresBounds), default: "5",
        "How many of them may name one account; as many mails are sent to an account, whoever asks.")

    static let resetType = ValueType<
        (perAddress: ThrottleSettings.Allowance, perAccount: ThrottleSettings.Allowance)
    >.mapping([requestsKey, resetPerKey, requestsPerAccountKey]) { section, _ in
        let per = section[resetPerKey]
        return (
            ThrottleSettings.Allowance(failures: section[requestsKey], per: per),
            ThrottleSettings.Allowance(failures: section[requestsPerAccountKey], per: per)
        )
    }
}
