import Core
import Login
import SAML

/// What a connection asks of its provider, as a tenant's file writes it.
struct ConnectionRequestEntry: Sendable {
    let nameIDFormat: NameIDFormat
    let binding: SAMLBinding
    let contexts: [String]
    let isForced: Bool
    let usesSingleLogout: Bool

    /// `name_id_format`.
    enum Format: String, Sendable, CaseIterable {
        case persistent
        case emailAddress = "email_address"
        case transient, unspecified

        fileprivate var format: NameIDFormat {
            switch self {
            case .persistent: .persistent
            case .emailAddress: .emailAddress
            case .transient: .transient
            case .unspecified: .unspecified
            }
        }
    }

    /// `request_binding`.
    enum Binding: String, Sendable, CaseIterable {
        case redirect, post
    }

    static let nameIDFormatKey = DefaultedKey(
        "name_id_format", ValueType<Format>.choice("a form of NameID"), default: "persistent",
        "Which form of NameID is asked for.")
    static let bindingKey = DefaultedKey(
        "request_binding", ValueType<Binding>.choice("a binding"), default: "redirect",
        "How requests travel: in the address, or as a form.")
    static let contextsKey = DefaultedKey(
        "authentication_contexts", ValueType<[String]>.set(of: .identifier("an authentication context"), count: 0...10),
        default: "[]",
        "Ways of signing in at the provider (AuthnContextClassRef), one of which it must have used; [] asks for none.")
    static let forcedKey = DefaultedKey(
        "force_authentication", ValueType<Bool>.boolean, default: "false",
        "Whether the provider must ask its user anew at every sign-in.")
    static let singleLogoutKey = DefaultedKey(
        "single_logout", ValueType<Bool>.boolean, default: "true",
        "Whether signing out ends the provider's session too, where its metadata says how.")

    static let keys: [any ConfigurationKey] = [nameIDFormatKey, bindingKey, contextsKey, forcedKey, singleLogoutKey]

    init(_ section: ConfigurationSection) {
        nameIDFormat = section[Self.nameIDFormatKey].format
        binding = section[Self.bindingKey] == .post ? .post : .redirect
        contexts = section[Self.contextsKey]
        isForced = section[Self.forcedKey]
        usesSingleLogout = section[Self.singleLogoutKey]
    }
}

/// What a connection takes from its provider, as a tenant's file writes it.
struct ConnectionTrustEntry: Sendable {
    let requiresEncryption: Bool
    let countsAsMFA: Bool
    let algorithms: AlgorithmPolicy
    let skew: Milliseconds

    /// `encrypted_assertions`.
    enum Encryption: String, Sendable, CaseIterable { case optional, required }

    static let encryptionKey = DefaultedKey(
        "encrypted_assertions", ValueType<Encryption>.choice("a rule"), default: "optional",
        "Whether an assertion that is not encrypted is refused.")
    static let countsAsMFAKey = DefaultedKey(
        "counts_as_mfa", ValueType<Bool>.boolean, default: "false",
        "Whether the provider asks for a second factor itself, so that no other is asked for.")
    static let algorithmsKey = DefaultedKey(
        "signature_algorithms",
        ValueType<[SAML.SignatureAlgorithm]>.set(
            of: .choice("a signature algorithm"), count: 0...SAML.SignatureAlgorithm.allCases.count),
        default: "[]", "Which signatures are taken; [] is every one with SHA-256 or better.")
    static let skewKey = DefaultedKey(
        "clock_skew", ValueType<Milliseconds>.duration(Milliseconds(0)...ResponseExpectations.longestSkew),
        default: "60s", "By how much the provider's clock may differ.")

    static let keys: [any ConfigurationKey] = [encryptionKey, countsAsMFAKey, algorithmsKey, skewKey]

    init(_ section: ConfigurationSection) {
        requiresEncryption = section[Self.encryptionKey] == .required
        countsAsMFA = section[Self.countsAsMFAKey]
        let chosen = Set(section[Self.algorithmsKey])
        algorithms = chosen.isEmpty ? .current : .only(chosen)
        skew = section[Self.skewKey]
    }
}
