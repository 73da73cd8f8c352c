public import Core
import HostCrypto
public import Store

/// What is counted.
enum ThrottleKind: String, CaseIterable, Sendable {
    /// All failures of an address, whatever the account: IPv4 whole, IPv6 by its prefix.
    case address
    /// All failures of an IPv6 /48, and what was charged to a /48 or an IPv4 /24 when its counters were evicted.
    case network
    /// Failures of an address against one account.
    case account
    /// Failures of a known device against its account.
    case device
    /// Failures against one account from everywhere, by devices that it does not know: it refuses nobody.
    case slowed
    /// Links of invitations and resets that fitted nothing, of an address.
    case invitation
    /// The same of an IPv6 /48.
    case invitationNetwork = "invitation-network"
    /// Mails to reset a password that an address asked for.
    case reset
    /// The same of an IPv6 /48.
    case resetNetwork = "reset-network"
    /// Those of them that name one account.
    case resetAccount = "reset-account"
    /// Mails to reset a password that an account was sent, whoever asked: it refuses nobody.
    case resetMail = "reset-mail"
    /// Guesses at an account's second factor, possible only after the first.
    case factor = "second-factor"
    /// Mails that tell an account of them: it refuses nobody.
    case factorMail = "second-factor-mail"
    /// Enrolment codes that an account was sent.
    case enrolmentMail = "enrolment-mail"

    /// Whether it belongs to an account, whatever the address.
    var isOfAccount: Bool {
        switch self {
        case .device, .slowed, .resetMail, .factor, .factorMail, .enrolmentMail: true
        case .address, .network, .account, .invitation, .invitationNetwork, .reset, .resetNetwork, .resetAccount:
            false
        }
    }
}

/// Names a counter.
struct ThrottleKey: Hashable, Sendable {
    let kind: ThrottleKind
    /// Readable, without blanks but those between its parts; at most 512 bytes.
    let subject: String

    /// Bits of the networks that counters are rolled up to.
    static func rollUpPrefix(_ address: ClientAddress) -> Int { address.isIPv4 ? 24 : 48 }

    /// The counter of an address's own network.
    static func network(of address: ClientAddress) -> ThrottleKey {
        let prefix = rollUpPrefix(address)
        return ThrottleKey(kind: .network, subject: "\(address.network(prefix: prefix))/\(prefix)")
    }

    /// An address as its counters spell it: IPv6 with the length of its prefix.
    static func text(_ address: ClientAddress, ipv6Prefix: Int) -> String {
        address.isIPv4 ? "\(address)" : "\(address.network(prefix: ipv6Prefix))/\(ipv6Prefix)"
    }

    /// The address that a counter belongs to, read back from its subject; nil where addresses do not matter.
    var origin: ClientAddress? {
        guard !kind.isOfAccount, let last = subject.split(separator: " ").last,
            let text = last.split(separator: "/").first
        else { return nil }
        return ClientAddress(String(text))
    }
}

/// A try to sign in from a device that the account does not know.
public struct ThrottleAttempt: Sendable, Hashable {
    public let address: ClientAddress
    /// The tenant that the host or `?tenant=` names.
    public let tenant: TenantID?
    /// Nil for what is no address.
    public let email: NormalizedEmail?

    public init(address: ClientAddress, tenant: TenantID?, email: NormalizedEmail?) {
        self.address = address
        self.tenant = tenant
        self.email = email
    }

    /// The account's counter, whatever the address.
    var target: ThrottleKey {
        ThrottleKey(kind: .slowed, subject: "\(tenant?.text ?? "-") \(email?.text ?? "-")")
    }

    /// The account-and-address counter.  An account that is not there is counted like one that is.
    func account(ipv6Prefix: Int) -> ThrottleKey {
        let address = ThrottleKey.text(address, ipv6Prefix: ipv6Prefix)
        return ThrottleKey(kind: .account, subject: "\(tenant?.text ?? "-") \(email?.text ?? "-") \(address)")
    }
}

/// A device that an account knows.
public struct ThrottleDevice: Sendable, Hashable {
    public let tenant: TenantID
    public let user: UserID
    /// Of the device's token.
    public let digest: TokenDigest
    /// Where it is now.
    public let address: ClientAddress

    public init(tenant: TenantID, user: UserID, digest: TokenDigest, address: ClientAddress) {
        self.tenant = tenant
        self.user = user
        self.digest = digest
        self.address = address
    }

    var key: ThrottleKey {
        let name = digest.octets.prefix(8).flatMap { [ASCII.hexadecimalDigit($0 >> 4), ASCII.hexadecimalDigit($0)] }
        return ThrottleKey(kind: .device, subject: "\(tenant) \(user) \(String(decoding: name, as: UTF8.self))")
    }
}
