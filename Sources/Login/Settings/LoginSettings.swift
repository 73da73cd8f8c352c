public import Core

/// `login`: how members prove who they are, and what a sign-in is worth.
public struct LoginSettings: Sendable, Hashable {
    /// What tells, before any proof, which tenant a visitor of a shared host belongs to.
    public enum HomeRealm: String, Sendable, CaseIterable, Hashable {
        /// The host alone: the pages are the same for every address.
        case host
        /// The e-mail's domain too, which reveals who is a customer.
        case domain
    }

    /// `home_realm`.
    public var homeRealm: HomeRealm
    public var password: PasswordSettings
    public var throttle: ThrottleSettings
    public var session: SessionSettings
    /// `mail`; nil where none is configured: then no letter is written, and what needs one says so.
    public var mail: MailSettings?
    /// `after_logout`: https URLs that a sign-out may lead on to.
    public var afterLogout: [String]
    /// `plans`, which stands beside `login` in the file.
    public var plans: PlanBook
    /// `prompt_for_passkey`: members without a passkey are offered one after they signed in.
    public var promptsForPasskey: Bool

    public init(
        homeRealm: HomeRealm = .host, password: PasswordSettings = .init(), throttle: ThrottleSettings = .init(),
        session: SessionSettings = .init(), mail: MailSettings? = nil, afterLogout: [String] = [],
        plans: PlanBook = .init(), promptsForPasskey: Bool = false
    ) {
        self.homeRealm = homeRealm
        self.password = password
        self.throttle = throttle
        self.session = session
        self.mail = mail
        self.afterLogout = afterLogout
        self.plans = plans
        self.promptsForPasskey = promptsForPasskey
    }
}

/// `login.throttle`: token buckets for failed logins (security rule 15).
public struct ThrottleSettings: Sendable, Hashable {
    /// A bucket: so many failures, given back evenly over a span.
    public struct Allowance: Sendable, Hashable {
        /// At least 1.
        public var failures: Int
        /// In which the whole bucket fills again.
        public var per: Milliseconds

        public init(failures: Int, per: Milliseconds) {
            self.failures = failures
            self.per = per
        }
    }

    /// `per_address`: all failures of one address, whatever the account.
    public var perAddress: Allowance
    /// `per_address.ipv6_prefix`: how many bits of an IPv6 address are one address, 48…128.
    public var ipv6Prefix: Int
    /// `per_address.allow`: networks that no bucket per address counts.
    public var allow: [AddressRange]
    /// `per_account_and_address`: failures of one address against one account; a known device has one of its own.
    public var perAccountAndAddress: Allowance
    /// `per_account`: failures against one account from everywhere, by devices that it does not know, before answers to
    /// such devices become slow; nobody is refused for it.
    public var perAccount: Allowance
    /// `per_account.slowdown`: for how long each of those answers is held back; 0 is never.
    public var slowdown: Milliseconds
    /// `invitation`: links of invitations and resets that fit nothing, of one address.
    public var invitation: Allowance
    /// `reset`: mails to reset a password that one address asks for.
    public var reset: Allowance
    /// `reset.requests_per_account`: how many of them may name one account; as many are sent to an account, whoever asks.
    public var resetPerAccount: Allowance
    /// `second_factor`: failures against one account's second factor and enrolment codes, from everywhere.
    public var secondFactor: Allowance
    public var mode: Mode

    /// `mode`: what becomes of a try beyond a bucket.
    public enum Mode: String, Sendable, CaseIterable, Hashable {
        /// It is refused with 429.
        case enforce
        /// It is counted and goes on, for whoever wants to see first what would be refused; guesses at second factors
        /// are refused all the same.
        case monitor
    }

    public init(
        perAddress: Allowance = Allowance(failures: 100, per: .hours(24)), ipv6Prefix: Int = 64,
        allow: [AddressRange] = [], perAccountAndAddress: Allowance = Allowance(failures: 10, per: .minutes(15)),
        perAccount: Allowance = Allowance(failures: 50, per: .hours(1)), slowdown: Milliseconds = .seconds(4),
        invitation: Allowance = Allowance(failures: 50, per: .hours(24)),
        reset: Allowance = Allowance(failures: 10, per: .hours(1)),
        resetPerAccount: Allowance = Allowance(failures: 5, per: .hours(1)),
        secondFactor: Allowance = Allowance(failures: 5, per: .minutes(15)), mode: Mode = .enforce
    ) {
        self.perAddress = perAddress
        self.ipv6Prefix = ipv6Prefix
        self.allow = allow
        self.perAccountAndAddress = perAccountAndAddress
        self.perAccount = perAccount
        self.slowdown = slowdown
        self.invitation = invitation
        self.reset = reset
        self.resetPerAccount = resetPerAccount
        self.secondFactor = secondFactor
        self.mode = mode
    }
}
