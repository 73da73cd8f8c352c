/// A way to sign in that a tenant may allow and a plan may include.  The raw value is the configuration's word.
public enum SignInMethod: String, CaseIterable, Hashable, Sendable {
    case password
    /// A passkey alone, which verifies its user (WebAuthn Level 3 §6.2.3).
    case passkey
    /// By a connection of the tenant, with the tenant's own identity provider (SAML 2.0).
    case saml
}

/// What else a plan may include.  The raw value is the configuration's word.
public enum PlanFeature: String, CaseIterable, Hashable, Sendable {
    /// Roles of a tenant's own, besides the operator's catalogue.
    case ownRoles = "own_roles"
    /// Networks that a tenant's members must come from.
    case allowedNetworks = "allowed_networks"
}
