import Access
import Core
import Login
import Portal
import Store

/// One file of `tenants_directory` as written.
struct TenantFile: Sendable {
    let id: Located<TenantID>
    let name: String
    let hosts: [Located<String>]
    let emailDomains: [Located<String>]
    let plan: Located<String>
    let region: String
    let roles: [Located<RoleName>]
    let secondFactor: SecondFactorEntry
    let webauthn: WebAuthnEntry?
    let allowedNetworks: [Located<AddressRange>]
    /// Nil where the file says nothing about it.
    let signIn: SignInEntry?
    let isSuspended: Bool
    let session: TenantSessionEntry?
    let branding: BrandingEntry?
    /// `saml`, in the file's order.
    let connections: [ConnectionEntry]
    /// The keys that the file has, each with its place.
    let givenKeys: [String: SourcePosition]

    static let idKey = RequiredKey(
        "id", ValueType<String>.name(.tenant).map { TenantID($0) }.located,
        "The tenant's id, as headers and addresses spell it.")
    static let nameKey = RequiredKey(
        "name", ValueType<String>.text("a display name", bytes: 1...200), "The name that people read.")
    static let hostsKey = DefaultedKey(
        "hosts", ValueType<[Located<String>]>.locatedSet(of: .host, count: 0...1000), default: "[]",
        "Hosts that are this tenant's alone; the first is used in mails.")
    static let emailDomainsKey = DefaultedKey(
        "email_domains", ValueType<[Located<String>]>.locatedSet(of: .emailDomain, count: 0...1000), default: "[]",
        "E-mail domains whose addresses are this tenant's.")
    static let planKey = DefaultedKey(
        "plan", ValueType<String>.name(.identifier("a plan's name"), isOptional: true).located, default: "\"\"",
        "The name of the plan that it pays for.")
    static let regionKey = DefaultedKey(
        "region", ValueType<String>.name(.identifier("a region's name"), isOptional: true), default: "\"\"",
        "The name of the region that its data belongs to.")
    static let rolesKey = DefaultedKey(
        "roles", ValueType<[Located<RoleName>]>.locatedSet(of: .roleName, count: 0...100), default: "[]",
        "Roles of its own, besides the catalogue; they reach the header, never a route's rule.")
    static let mfaKey = DefaultedKey(
        "mfa", SecondFactorEntry.type, default: "optional", "Who must have proved a second factor.")
    static let webauthnKey = OptionalKey("webauthn", WebAuthnEntry.type, "Which passkeys it accepts.")
    static let allowedNetworksKey = DefaultedKey(
        "allowed_networks", ValueType<[Located<AddressRange>]>.locatedSet(of: .addressRange, count: 0...1000),
        default: "[]",
        "Networks that its members may come from; empty allows every address.")
    static let signInKey = OptionalKey(
        "sign_in", SignInEntry.type, "How its members sign in; without the key in every way that its plan includes.")
    static let suspendedKey = DefaultedKey(
        "suspended", ValueType<Bool>.boolean, default: "false", "Whether its requests are refused (tenant-suspended).")

    static let sessionKey = OptionalKey(
        "session", TenantSessionEntry.type, "What its sign-ins are worth, where that is less than gatehouse.yaml says.")
    static let brandingKey = OptionalKey(
        "branding", BrandingEntry.type, "How the pages around signing in look to its members.")

    static let connectionsKey = DefaultedKey(
        "saml", ValueType<[ConnectionEntry]>.list(of: ConnectionEntry.type, count: 0...ConnectionEntry.most),
        default: "[]", "Identity providers (SAML 2.0) by which its members sign in.")

    static let type = ValueType<TenantFile>.mapping([
        idKey, nameKey, hostsKey, emailDomainsKey, planKey, regionKey, rolesKey, mfaKey, webauthnKey,
        allowedNetworksKey, signInKey, suspendedKey, sessionKey, brandingKey, connectionsKey,
    ]) { section, _ in
        let (session, branding) = (section[sessionKey], section[brandingKey])
        let (id, name, hosts, roles) = (section[idKey], section[nameKey], section[hostsKey], section[rolesKey])
        let (mfa, networks, isSuspended) = (section[mfaKey], section[allowedNetworksKey], section[suspendedKey])
        let (domains, plan, region) = (section[emailDomainsKey], section[planKey], section[regionKey])
        let (signIn, connections) = (section[signInKey], section[connectionsKey])
        guard let id, let name else { return nil }
        return TenantFile(
            id: id, name: name, hosts: hosts, emailDomains: domains, plan: plan, region: region, roles: roles,
            secondFactor: mfa, webauthn: section[webauthnKey], allowedNetworks: networks, signIn: signIn,
            isSuspended: isSuspended,
            session: session, branding: branding, connections: connections, givenKeys: section.givenKeys)
    }

    /// The settings of this tenant.
    var settings: TenantSettings {
        var settings = TenantSettings(
            id: id.value, name: name, hosts: hosts.map(\.value), ownRoles: roles.map(\.value),
            secondFactor: secondFactor.rule, allowedNetworks: allowedNetworks.map(\.value), isSuspended: isSuspended)
        settings.secondFactorGrace = secondFactor.grace
        return settings
    }

    /// What it says about the store's tenant.
    /// - Parameters:
    ///   - brand: what its `branding` comes to.
    ///   - connections: what its `saml` comes to.
    func claims(brand: BrandSettings?, connections: [ConnectionSettings]) -> TenantFileClaims {
        TenantFileClaims(
            settings: settings, emailDomains: emailDomains.map(\.value), plan: plan.value, region: region,
            signIn: signIn?.rule ?? SignInRule(), passkeys: webauthn?.rule ?? PasskeyRule(),
            file: id.position.file, places: givenKeys.filter { $0.key != Self.idKey.declaration.name },
            session: session?.settings, branding: brand, connections: connections)
    }
}
