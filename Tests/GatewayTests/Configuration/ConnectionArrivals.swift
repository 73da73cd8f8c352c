import Core
import Login
import SAML
import Store

@testable import Gateway

extension KeyArrival {
    private static func connection(
        _ key: String, _ text: String = "", name: String = "okta", metadata: String = "metadata_file: c.pem",
        _ holds: @escaping @Sendable (ConnectionSettings) -> Bool
    ) -> KeyArrival {
        let keys = ["name: \(name)", metadata, text].filter { !$0.isEmpty }
        let file =
            "hosts: [t.example.org]\nemail_domains: [t.example, u.example]\nsaml: [{ \(keys.joined(separator: ", ")) }]"
        return named(key, file, holds)
    }

    private static func named(
        _ key: String, _ text: String, _ holds: @escaping @Sendable (ConnectionSettings) -> Bool
    ) -> KeyArrival {
        file("saml[].\(key)", text) { $0.connections.contains(where: holds) }
    }

    /// Single sign-on.
    static let connectionRows: [KeyArrival] = [
        top("outbound.allowed_networks", "outbound: { allowed_networks: [10.1.0.0/16] }") {
            $0.outbound.allowedNetworks == [AddressRange("10.1.0.0/16")].compactMap { $0 }
        },
        claim("sign_in.sso_domains", "sign_in: { sso_domains: enforced }\n") { $0.signIn.ssoDomains == .enforced },
        connection("name", name: "entra-2") {
            $0.name.text == "entra-2" && $0.displayName == "entra-2" && $0.isEnabled
        },
        connection("display_name", "display_name: Acme GmbH & Söhne") { $0.displayName == "Acme GmbH & Söhne" },
        connection("enabled", "enabled: false") { !$0.isEnabled },
        connection("metadata_file", metadata: "metadata_file: ./tls/other.pem") {
            $0.metadata == .file(document: Array(ConfigurationFolder.chain.utf8), path: "/srv/tls/other.pem")
        },
        connection("metadata_url", metadata: "metadata_url: \"https://id.example:8443/m?app=1&x=%20\"") {
            $0.metadata == .url("https://id.example:8443/m?app=1&x=%20", caFile: nil)
        },
        connection(
            "metadata_ca_file", metadata: "metadata_url: \"https://id.example/m\", metadata_ca_file: tls/other.pem"
        ) { $0.metadata == .url("https://id.example/m", caFile: "/srv/tls/other.pem") },
        connection("entity_id", "entity_id: \"urn:example:app\"") { $0.entityID == "urn:example:app" },
        connection("email_domains", "email_domains: [U.example]") { $0.emailDomains == ["u.example"] },
        connection("hosts", "hosts: [T.example.org]") { $0.hosts == ["t.example.org"] },
        connection("attributes.email", "attributes: { email: mail }") {
            $0.attributes == AttributeNames(email: "mail")
        },
        connection("attributes.name", "attributes: { name: displayName }") {
            $0.attributes == AttributeNames(name: "displayName")
        },
        connection("attributes.roles", "attributes: { roles: \"urn:oid:1.3.6.1.4.1.5923.1.5.1.1\" }") {
            $0.attributes == AttributeNames(roles: "urn:oid:1.3.6.1.4.1.5923.1.5.1.1")
        },
        connection("attributes.subject", "attributes: { subject: employeeNumber }") {
            $0.attributes == AttributeNames(subject: "employeeNumber")
        },
        connection(
            "role_mapping",
            "attributes: { roles: g }, role_mapping: { \"Gate Admins\": admin, \"team-*\": [user, admin], \"*\": user }"
        ) {
            $0.roleMapping.map(\.pattern) == ["Gate Admins", "team-*", "*"]
                && $0.roleMapping.map { $0.roles.map(\.text) } == [["admin"], ["user", "admin"], ["user"]]
        },
        connection("provisioning", "provisioning: just_in_time") { $0.provisioning == .justInTime },
        connection("idp_initiated", "idp_initiated: restart") { $0.idpInitiated == .restart },
        connection("name_id_format", "name_id_format: email_address") { $0.nameIDFormat == .emailAddress },
        connection("request_binding", "request_binding: post") { $0.requestBinding == .post },
        connection("authentication_contexts", "authentication_contexts: [urn:a, urn:b]") {
            $0.contexts == ["urn:a", "urn:b"]
        },
        connection("force_authentication", "force_authentication: true") { $0.forcesAuthentication },
        connection("single_logout", "single_logout: false") { !$0.usesSingleLogout },
        connection("encrypted_assertions", "encrypted_assertions: required") { $0.requiresEncryption },
        connection("counts_as_mfa", "counts_as_mfa: true") { $0.countsAsMFA },
        connection("signature_algorithms", "signature_algorithms: [rsa-sha512, ecdsa-sha256]") {
            $0.algorithms == .only([.rsaSHA512, .ecdsaSHA256])
        },
        connection("clock_skew", "clock_skew: 0s") { $0.skew == Milliseconds(0) },
    ]
}
