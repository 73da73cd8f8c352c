import Core
public import Store

extension MailNotice {
    /// What a letter of the outbox says; nil where this version does not know its kind, or misses what it needs.
    public init?(_ letter: Letter) {
        let fields = LetterFields(letter)
        switch letter.kind {
        case "invitation", "password-reset":
            guard let link = fields.text("link"), let expiresAt = fields.time("expires") else { return nil }
            self =
                letter.kind == "invitation"
                ? .invitation(link: link, expiresAt: expiresAt) : .passwordReset(link: link, expiresAt: expiresAt)
        case "password-changed", "new-sign-in":
            guard let at = fields.time("at"), let device = fields.text("device"), let address = fields.text("address")
            else { return nil }
            self =
                letter.kind == "new-sign-in"
                ? .newSignIn(at: at, device: device, address: address)
                : .passwordChanged(at: at, device: device, address: address)
        case "email-changed":
            guard let old = fields.text("old"), let new = fields.text("new"), let at = fields.time("at") else {
                return nil
            }
            self = .emailChanged(old: old, new: new, at: at)
        case "logins-throttled":
            guard let address = fields.text("address"), let failures = fields.number("failures"),
                let accounts = fields.number("accounts"), let since = fields.time("since"),
                let others = fields.number("others")
            else { return nil }
            self = .loginsThrottled(
                address: address, failures: failures, accounts: accounts, since: since, others: others)
        case "account-attacked":
            guard let account = fields.text("account"), let failures = fields.number("failures"),
                let addresses = fields.number("addresses"), let since = fields.time("since"),
                let others = fields.number("others")
            else { return nil }
            self = .accountAttacked(
                account: account, failures: failures, addresses: addresses, since: since, others: others)
        default:
            guard let notice = Self.ofFactors(letter.kind, fields) ?? Self.ofConnections(letter.kind, fields) else {
                return nil
            }
            self = notice
        }
    }

    /// What a letter about factors says.
    private static func ofFactors(_ kind: String, _ fields: LetterFields) -> MailNotice? {
        if kind == "enrolment-code" {
            guard let code = fields.text("code"), let expiresAt = fields.time("expires") else { return nil }
            return .enrolmentCode(code: code, expiresAt: expiresAt)
        }
        guard let at = fields.time("at") else { return nil }
        if kind == "factors-reset" { return .factorsReset(at: at) }
        guard let address = fields.text("address") else { return nil }
        if kind == "factor-guessed" { return .factorGuessed(at: at, address: address) }
        guard let device = fields.text("device") else { return nil }
        switch kind {
        case "recovery-codes-renewed": return .recoveryCodesRenewed(at: at, device: device, address: address)
        case "recovery-code-used":
            return fields.number("left").map {
                .recoveryCodeUsed(left: $0, at: at, device: device, address: address)
            }
        case "factor-added", "factor-removed":
            guard let factor = fields.text("factor").flatMap({ Factor(rawValue: $0) }), let name = fields.text("name")
            else { return nil }
            return kind == "factor-added"
                ? .factorAdded(kind: factor, name: name, at: at, device: device, address: address)
                : .factorRemoved(kind: factor, name: name, at: at, device: device, address: address)
        default: return nil
        }
    }

    /// What a letter about connections says.
    private static func ofConnections(_ kind: String, _ fields: LetterFields) -> MailNotice? {
        guard let connection = fields.text("connection") else { return nil }
        switch kind {
        case "connection-certificates-changed":
            guard let at = fields.time("at"), let added = fields.list("added"), let removed = fields.list("removed")
            else { return nil }
            return .connectionCertificatesChanged(connection: connection, added: added, removed: removed, at: at)
        case "connection-expiring":
            guard let what = fields.text("what").flatMap({ ExpiringThing(rawValue: $0) }),
                let fingerprint = fields.text("fingerprint"), let at = fields.time("at"),
                let days = fields.number("days")
            else { return nil }
            return .connectionExpiring(
                connection: connection, what: what, fingerprint: fingerprint, at: at, days: days)
        case "connection-failing":
            guard let fault = fields.text("fault"), let since = fields.time("since"), fields.text("until") != nil
            else { return nil }
            // An empty text is no end.
            return .connectionFailing(connection: connection, fault: fault, since: since, until: fields.time("until"))
        default: return nil
        }
    }

    private struct LetterFields {
        private let fields: [String: String]

        init(_ letter: Letter) { fields = letter.fields }

        func text(_ name: String) -> String? { fields[name] }
        /// Words apart by blanks.
        func list(_ name: String) -> [String]? { fields[name].map { $0.split(separator: " ").map(String.init) } }
        func number(_ name: String) -> Int? { fields[name].flatMap { Int($0) } }
        func time(_ name: String) -> WallTime? {
            fields[name].flatMap { Int64($0) }.map { WallTime(milliseconds: $0) }
        }
    }
}
