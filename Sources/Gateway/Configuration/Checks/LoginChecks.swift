import Core
import Login

/// What keys of `login` must hold together.
struct LoginChecks {
    let reader: ConfigurationReader
    let passwords: PasswordChecks

    /// The settings; reports what does not fit.
    func settings(for entry: LoginEntry, plans: PlanBook?) -> LoginSettings {
        judge(entry.session)
        for network in entry.throttle.allow where network.value.prefix == 0 {
            reader.warn(network, "no address is throttled for its failures; name single networks alone")
        }
        if entry.throttle.mode.value == .monitor {
            reader.warn(
                entry.throttle.mode, "no login is refused for its failures; write enforce when you have seen enough")
        }
        var settings = LoginSettings(
            homeRealm: entry.homeRealm, password: passwords.settings(for: entry.password),
            throttle: ThrottleSettings(
                perAddress: entry.throttle.perAddress, ipv6Prefix: entry.throttle.ipv6Prefix,
                allow: entry.throttle.allow.map(\.value), perAccountAndAddress: entry.throttle.perAccountAndAddress,
                perAccount: entry.throttle.perAccount.allowance, slowdown: entry.throttle.perAccount.slowdown,
                invitation: entry.throttle.links.invitation, reset: entry.throttle.links.reset.perAddress,
                resetPerAccount: entry.throttle.links.reset.perAccount,
                mode: entry.throttle.mode.value),
            session: SessionSettings(
                idle: entry.session.idle.value, absolute: entry.session.absolute.value,
                perUserLimit: entry.session.perUserLimit.value, remember: entry.session.remember.value,
                outageGrace: entry.session.outageGrace),
            afterLogout: entry.afterLogout, plans: plans ?? PlanBook())
        settings.throttle.secondFactor = entry.throttle.secondFactor
        settings.promptsForPasskey = entry.promptsForPasskey
        return settings
    }

    /// An idle limit beyond the absolute one would never be met; whoever wrote it meant something else.
    private func judge(_ session: SessionLimitEntry) {
        // What was refused itself has its default here, and proves nothing.
        guard !reader.hasFault(below: "login") else { return }
        judgeRemember(session)
        guard session.idle.value > session.absolute.value else { return }
        let idle = QuantityText.duration(session.idle.value)
        let absolute = QuantityText.duration(session.absolute.value)
        if session.namesIdle {
            reader.report(
                session.idle, "\(idle) is longer than absolute (\(absolute), \(session.absolute.position))",
                allowed: "allowed: at most absolute", remedy: "shorten idle, or raise absolute")
        } else {
            reader.report(
                session.absolute, "\(absolute) is shorter than idle (\(idle) unless given)",
                allowed: "allowed: at least idle", remedy: "write idle too, or raise absolute")
        }
    }

    /// Whoever asks to stay signed in must not be signed out before those who do not.
    private func judgeRemember(_ session: SessionLimitEntry) {
        guard session.remember.value.count > 0, session.remember.value < session.absolute.value else { return }
        reader.report(
            session.remember,
            "\(QuantityText.duration(session.remember.value)) is shorter than absolute "
                + "(\(QuantityText.duration(session.absolute.value)), \(session.absolute.position))",
            allowed: "allowed: 0s, or at least absolute", remedy: "raise remember, or write 0s")
    }
}
