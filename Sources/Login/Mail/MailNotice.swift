public import Core
public import Store

/// What a mail says, whatever it looks like: each case is one kind of letter.
public enum MailNotice: Hashable, Sendable {
    /// Somebody made an account for the recipient, who chooses a password with the link.
    case invitation(link: String, expiresAt: WallTime)
    /// The recipient, or somebody who knows the address, asked for a new password.
    case passwordReset(link: String, expiresAt: WallTime)
    /// The password is another one.
    /// - Parameters:
    ///   - device: what the browser said of itself; empty where an operator or administrator set it.
    ///   - address: where it was; empty likewise.
    case passwordChanged(at: WallTime, device: String, address: String)
    /// The account's address is another one; goes to both.
    case emailChanged(old: String, new: String, at: WallTime)
    /// Somebody signed in from a device that the account did not know.
    case newSignIn(at: WallTime, device: String, address: String)
    /// To administrators: an address was refused after so many failures, at so many accounts of the tenant.
    /// - Parameter others: further addresses and accounts of which the like is true.
    case loginsThrottled(address: String, failures: Int, accounts: Int, since: WallTime, others: Int)
    /// To administrators: one account is guessed from many addresses.
    case accountAttacked(account: String, failures: Int, addresses: Int, since: WallTime, others: Int)
    /// The account has one factor more.
    /// - Parameters:
    ///   - kind: `.totp` or `.passkey`.
    ///   - name: what the member calls it.
    case factorAdded(kind: Factor, name: String, at: WallTime, device: String, address: String)
    /// The account has one factor less.
    case factorRemoved(kind: Factor, name: String, at: WallTime, device: String, address: String)
    /// An administrator or operator took all factors away.
    case factorsReset(at: WallTime)
    /// A recovery code was used, and so many are left.
    case recoveryCodeUsed(left: Int, at: WallTime, device: String, address: String)
    /// The recovery codes are others.
    case recoveryCodesRenewed(at: WallTime, device: String, address: String)
    /// Somebody who knows the password guessed at the second factor until no further guess was looked at.
    case factorGuessed(at: WallTime, address: String)
    /// The recipient, or somebody who knows the password, wants to set up a first factor.
    /// - Parameter code: eight digits, as people read them.
    case enrolmentCode(code: String, expiresAt: WallTime)
    /// To administrators: the identity provider of a connection signs with other certificates than before.
    /// - Parameters:
    ///   - connection: as people know it.
    ///   - added: by fingerprint; so is `removed`.
    case connectionCertificatesChanged(connection: String, added: [String], removed: [String], at: WallTime)
    /// To administrators: something of a connection ends soon, or has ended.
    /// - Parameters:
    ///   - fingerprint: of a certificate; empty for metadata.
    ///   - at: the end.
    ///   - days: whole days until then; zero where it has come.
    case connectionExpiring(connection: String, what: ExpiringThing, fingerprint: String, at: WallTime, days: Int)
    /// To administrators: the provider's metadata could not be renewed for long.
    /// - Parameters:
    ///   - fault: the last failure, in words of the log's.
    ///   - since: when it was renewed last, or asked for first.
    ///   - until: until when the former document serves; nil where there is none, or it sets no end.
    case connectionFailing(connection: String, fault: String, since: WallTime, until: WallTime?)

    /// What tells of something that has happened is given up after so long; a link's mail when its link ends.
    public static let lifetime = Milliseconds.hours(72)

    /// The letter's kind, as the outbox, templates and metrics name it.
    public var kind: String {
        switch self {
        case .invitation: "invitation"
        case .passwordReset: "password-reset"
        case .passwordChanged: "password-changed"
        case .emailChanged: "email-changed"
        case .newSignIn: "new-sign-in"
        case .loginsThrottled: "logins-throttled"
        case .accountAttacked: "account-attacked"
        case .factorAdded: "factor-added"
        case .factorRemoved: "factor-removed"
        case .factorsReset: "factors-reset"
        case .recoveryCodeUsed: "recovery-code-used"
        case .recoveryCodesRenewed: "recovery-codes-renewed"
        case .factorGuessed: "factor-guessed"
        case .enrolmentCode: "enrolment-code"
        case .connectionCertificatesChanged: "connection-certificates-changed"
        case .connectionExpiring: "connection-expiring"
        case .connectionFailing: "connection-failing"
        }
    }

    /// The letter that says it.
    /// - Parameters:
    ///   - recipient: an address as it is stored with a user.
    ///   - language: `en` or `de`; any other is `en`.
    public func letter(to recipient: String, language: String, now: WallTime) -> Letter {
        Letter(
            recipient: recipient, kind: kind, language: language == "de" ? "de" : "en", fields: fields,
            expiresAt: expiry ?? now.advanced(by: Self.lifetime))
    }

    /// What the template is given; times in milliseconds since 1970.
    private var fields: [String: String] {
        switch self {
        case .invitation(let link, let expiresAt), .passwordReset(let link, let expiresAt):
            ["link": link, "expires": Self.text(expiresAt)]
        case .passwordChanged(let at, let device, let address), .newSignIn(let at, let device, let address),
            .recoveryCodesRenewed(let at, let device, let address):
            ["at": Self.text(at), "device": device, "address": address]
        case .emailChanged(let old, let new, let at): ["at": Self.text(at), "old": old, "new": new]
        case .loginsThrottled(let address, let failures, let accounts, let since, let others):
            [
                "address": address, "failures": String(failures), "accounts": String(accounts),
                "since": Self.text(since), "others": String(others),
            ]
        case .accountAttacked(let account, let failures, let addresses, let since, let others):
            [
                "account": account, "failures": String(failures), "addresses": String(addresses),
                "since": Self.text(since), "others": String(others),
            ]
        case .factorAdded(let kind, let name, let at, let device, let address),
            .factorRemoved(let kind, let name, let at, let device, let address):
            ["factor": kind.rawValue, "name": name, "at": Self.text(at), "device": device, "address": address]
        case .factorsReset(let at): ["at": Self.text(at)]
        case .recoveryCodeUsed(let left, let at, let device, let address):
            ["left": String(left), "at": Self.text(at), "device": device, "address": address]
        case .factorGuessed(let at, let address): ["at": Self.text(at), "address": address]
        case .enrolmentCode(let code, let expiresAt): ["code": code, "expires": Self.text(expiresAt)]
        case .connectionCertificatesChanged(let connection, let added, let removed, let at):
            [
                "connection": connection, "added": added.joined(separator: " "),
                "removed": removed.joined(separator: " "), "at": Self.text(at),
            ]
        case .connectionExpiring(let connection, let what, let fingerprint, let at, let days):
            [
                "connection": connection, "what": what.rawValue, "fingerprint": fingerprint, "at": Self.text(at),
                "days": String(days),
            ]
        case .connectionFailing(let connection, let fault, let since, let until):
            [
                "connection": connection, "fault": fault, "since": Self.text(since),
                "until": until.map { Self.text($0) } ?? "",
            ]
        }
    }

    private var expiry: WallTime? {
        switch self {
        case .invitation(_, let expiresAt), .passwordReset(_, let expiresAt), .enrolmentCode(_, let expiresAt):
            expiresAt
        default: nil
        }
    }

    private static func text(_ time: WallTime) -> String { String(time.milliseconds) }
}
