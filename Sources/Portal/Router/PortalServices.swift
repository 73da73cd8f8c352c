public import Core
public import Login
public import Store

/// What the portal's pages need of the rest of Gatehouse.  One value for the life of a process: routers are made anew
/// at each reload, the memory of used forms is not.
public struct PortalServices: Sendable {
    /// Signs in and out.
    let login: LoginSteps
    /// Seals attempts and proves where forms come from.
    public var forms: FormSeal
    /// `login`, as it is in force.
    public var settings: @Sendable () -> LoginSettings
    /// The display name of a tenant; nil where there is none of that id.
    public var tenantName: @Sendable (TenantID) -> String?
    /// The tenant that an e-mail domain belongs to, as `NormalizedEmail` spells it; nil where it is nobody's.
    public var tenantOfDomain: @Sendable (String) -> TenantID? = { _ in nil }
    /// Whose each host is, and where its visitors sign in.
    public var hosts: @Sendable () -> SignInHosts = { SignInHosts() }
    /// Brings sessions from host to host; nil where that is not to be had.
    public var handoff: SessionHandoff?
    /// What a sign-in at a tenant is worth; nil asks for `settings`' own.
    public var sessionSettings: (@Sendable (TenantID) -> SessionSettings)?
    /// How a tenant's pages look; nil where they look like everybody's.
    public var brand: @Sendable (TenantID) -> PageBrand? = { _ in nil }
    /// The logo of this name, whosever it is.
    public var logo: @Sendable (String) -> PageBrand.Logo? = { _ in nil }
    /// What members see of their accounts; nil where there are no pages for it.
    public var account: MemberAccount?
    /// Links, resets and changes of passwords; nil where passwords are set by operators alone.
    public var passwords: PasswordFlows?
    /// Second factors; nil where nobody has any.
    public var factors: SecondFactors?
    /// Sign-ins at identity providers; nil where there are none.
    public var singleSignOn: SingleSignOn?
    /// The connections that they go by; nil where there are none.
    public var connections: SSOConnections?
    /// Told why a message of a provider was not accepted, for the log: the visitor learns the request id alone.
    public var noteSSORefusal: @Sendable (SSORefusalNote) -> Void = { _ in }
    /// Which ways of signing in a tenant has, for the login page.
    public var signInWays: @Sendable (TenantID) -> SignInWays = { _ in SignInWays() }
    /// Whether an account with this address may have a password that counts, by its tenant's rule and plan.
    public var allowsPassword: @Sendable (_ email: NormalizedEmail, _ tenant: TenantID) -> Bool = { _, _ in true }
    /// What pages ask of `singleSignOn`; nil takes it from there.
    var ssoSteps: SSOSteps?
    /// Where passkeys of a host's tenant may be used, as `https://HOST[:PORT]`, or those of shared hosts where none owns
    /// the host; nil where there are none.
    public var passkeyOrigins: @Sendable (_ hostTenant: TenantID?) -> [String]? = { _ in nil }
    /// What the pages of a login ask of `factors`; nil takes it from there.
    var factorLogin: FactorSteps?
    /// What the account pages ask of `factors`; nil takes it from there.
    var factorAccount: FactorAccountSteps?
    /// Which ceremonies of account pages have changed something already.
    let ceremonies = CeremonyBook()
    /// The names of the cookies in which applications of a host keep sessions of their own.
    public var applicationCookies: @Sendable (_ authority: String) -> [String] = { _ in [] }
    /// Told what has happened to sessions, after it is durable.
    public var notify: @Sendable (SessionNotice) -> Void
    /// The public keys that assertions verify with, each as a JWK (RFC 7517 §4) in JSON; empty where the store cannot
    /// be used.
    public var signingKeys: @Sendable () async -> [String]
    public var now: @Sendable () -> WallTime
    /// Which attempts have made a session already.
    public let usedAttempts: UsedLoginAttempts

    public init(
        login: PasswordLogin, forms: FormSeal, settings: @escaping @Sendable () -> LoginSettings,
        tenantName: @escaping @Sendable (TenantID) -> String?, notify: @escaping @Sendable (SessionNotice) -> Void,
        signingKeys: @escaping @Sendable () async -> [String], now: @escaping @Sendable () -> WallTime,
        usedAttempts: UsedLoginAttempts = UsedLoginAttempts()
    ) {
        self.init(
            steps: LoginSteps(login), forms: forms, settings: settings, tenantName: tenantName, notify: notify,
            signingKeys: signingKeys, now: now, usedAttempts: usedAttempts)
    }

    init(
        steps: LoginSteps, forms: FormSeal, settings: @escaping @Sendable () -> LoginSettings,
        tenantName: @escaping @Sendable (TenantID) -> String?, notify: @escaping @Sendable (SessionNotice) -> Void,
        signingKeys: @escaping @Sendable () async -> [String], now: @escaping @Sendable () -> WallTime,
        usedAttempts: UsedLoginAttempts = UsedLoginAttempts()
    ) {
        login = steps
        self.forms = forms
        self.settings = settings
        self.tenantName = tenantName
        self.notify = notify
        self.signingKeys = signingKeys
        self.now = now
        self.usedAttempts = usedAttempts
    }

    /// What the pages of a login ask of second factors; nil where nobody has any.
    var factorSteps: FactorSteps? { factorLogin ?? factors.map { FactorSteps($0) } }

    /// What pages ask of sign-ins at identity providers; nil where there are none.
    var sso: SSOSteps? {
        guard ssoSteps == nil, let singleSignOn, let connections else { return ssoSteps }
        return SSOSteps(singleSignOn, connections: connections)
    }

    /// Whether a password of this member counts.  An address that is none any more cannot be judged, and keeps its pages.
    func mayHavePassword(_ email: String, in tenant: TenantID) -> Bool {
        NormalizedEmail(email).map { allowsPassword($0, tenant) } ?? true
    }

    /// What a sign-in is worth: at this tenant, or where none is named.
    func sessionLimits(of tenant: TenantID?) -> SessionSettings {
        guard let tenant, let sessionSettings else { return settings().session }
        return sessionSettings(tenant)
    }

    /// The display name of a tenant that a visitor of a shared host names; nil unless `home_realm` is `domain`, which
    /// alone lets strangers learn who is a customer.
    func shownName(_ tenant: TenantID) -> String? {
        switch settings().homeRealm {
        case .host: nil
        case .domain: tenantName(tenant)
        }
    }
}
