public import Core
public import Store

/// Buckets for links and for mails that are asked for: apart from those of failed logins, so that neither empties the
/// other's.
extension ThrottleTable {
    /// Takes the tokens of somebody whose link fits nothing.
    mutating func reserve(linkFrom address: ClientAddress, at now: WallTime) -> Answer {
        reserve(perAddress(address, .invitation, .invitationNetwork), at: now)
    }

    /// Takes the tokens of somebody who asks for a mail to reset a password.
    mutating func reserve(_ attempt: ResetAttempt, at now: WallTime) -> Answer {
        let address = ThrottleKey.text(attempt.address, ipv6Prefix: settings.ipv6Prefix)
        let account = ThrottleKey(
            kind: .resetAccount, subject: "\(attempt.tenant?.text ?? "-") \(attempt.email.text) \(address)")
        return reserve(
            [Wanted(key: account, origin: origin(of: attempt.address))]
                + perAddress(attempt.address, .reset, .resetNetwork), at: now)
    }

    /// Takes the token of a mail that an account is sent.
    mutating func reserve(mailTo user: UserID, of tenant: TenantID, at now: WallTime) -> Answer {
        let key = ThrottleKey(kind: .resetMail, subject: "\(tenant) \(user)")
        return reserve([Wanted(key: key, origin: nil)], at: now)
    }

    /// The address's own bucket, and its network's where it is an IPv6 one; none where the address is allowed.
    private func perAddress(
        _ address: ClientAddress, _ kind: ThrottleKind, _ network: ThrottleKind
    ) -> [Wanted] {
        guard !settings.allow.contains(where: { $0.contains(address) }) else { return [] }
        let origin = origin(of: address)
        let own = ThrottleKey(kind: kind, subject: ThrottleKey.text(address, ipv6Prefix: settings.ipv6Prefix))
        guard !address.isIPv4 else { return [Wanted(key: own, origin: origin)] }
        let wider = ThrottleKey(kind: network, subject: ThrottleKey.network(of: address).subject)
        return [Wanted(key: own, origin: origin), Wanted(key: wider, origin: origin)]
    }

    private func origin(of address: ClientAddress) -> ClientAddress {
        address.isIPv4 ? address : address.network(prefix: settings.ipv6Prefix)
    }
}

/// Somebody asks for a mail to reset the password of whoever has this address.
public struct ResetAttempt: Sendable, Hashable {
    public let address: ClientAddress
    /// The tenant that the host or `?tenant=` names.
    public let tenant: TenantID?
    public let email: NormalizedEmail

    public init(address: ClientAddress, tenant: TenantID?, email: NormalizedEmail) {
        self.address = address
        self.tenant = tenant
        self.email = email
    }
}

extension ThrottleKind {
    /// Whether a new counter takes over what its network was charged with by evictions: where the network is not asked
    /// itself.
    func inherits(isIPv4: Bool) -> Bool {
        switch self {
        case .address: isIPv4
        case .invitation, .reset: true
        case .network, .account, .device, .slowed, .invitationNetwork, .resetNetwork, .resetAccount, .resetMail,
            .factor, .factorMail, .enrolmentMail:
            false
        }
    }
}
