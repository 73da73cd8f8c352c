import Core
import Login
import SAML
import Store
import Testing

@testable import Gateway

@Suite("What a tenant's file says of connections")
struct ConnectionFileTests {
    private static let places = "hosts: [a.example.org]\nemail_domains: [a.example, b.example]\n"

    private func folder(
        _ tenant: String, places: String = places, adding extra: String? = nil
    ) -> ConfigurationFolder {
        var folder = ConfigurationFolder(adding: extra)
        folder.write("idp.xml", "<metadata/>", permissions: 0o644)
        folder.write("tenants/a.yaml", "id: a\nname: A\n" + places + tenant)
        return folder
    }

    private func faults(_ tenant: String, places: String = places, adding extra: String? = nil) -> [String] {
        folder(tenant, places: places, adding: extra).faults()
    }

    private func warnings(_ tenant: String, _ change: (inout ConfigurationFolder) -> Void = { _ in }) -> [String] {
        var folder = folder(tenant)
        change(&folder)
        #expect(folder.faults() == [])
        return folder.load().warnings.map(\.description)
    }

    @Test("a connection with a name and metadata is one, and everything else has its default")
    func smallest() throws {
        let settings = try folder("saml: [{ name: okta, metadata_file: idp.xml }]\n").settings()
        let file = try #require(settings.tenantFiles.first)
        #expect(
            file.connections == [
                ConnectionSettings(
                    name: try #require(ConnectionName("okta")), displayName: "okta",
                    metadata: .file(document: Array("<metadata/>".utf8), path: "/srv/idp.xml"))
            ])
        #expect(settings.sources.contains(ConfigurationSource(kind: .connectionMetadata, path: "/srv/idp.xml")))
        #expect(file.newTenant.keysOwnedByFile == ["email_domains", "hosts", "name"], "saml is the file's alone")
        #expect(file.places["saml"] == SourcePosition(file: "tenants/a.yaml", line: 5, column: 1))
    }

    @Test("metadata comes from one place, and the place is a safe one")
    func metadata() {
        for (written, fault) in [
            (
                "name: o",
                "8 saml[0]: neither metadata_file nor metadata_url stands here; allowed: one of them; save the provider's metadata beside this file, and name it"
            ),
            (
                "name: o, metadata_file: idp.xml, metadata_url: \"https://i.example\"",
                "57 saml[0].metadata_url: metadata_file is given too; allowed: metadata_file or metadata_url; take one out"
            ),
            (
                "name: o, metadata_file: none.xml",
                "34 saml[0].metadata_file: none.xml: no such file; create it, or mend the path"
            ),
            (
                "name: o, metadata_url: \"http://i.example/m\"",
                "33 saml[0].metadata_url: \"http://i.example/m\" is not https; allowed: https://HOST/PATH, with a query where one is needed; 1024 bytes at most; did you mean \"https://i.example/m\"?"
            ),
            (
                "name: o, metadata_url: \"https://u@i.example/m\"",
                "33 saml[0].metadata_url: \"https://u@i.example/m\" names a user; allowed: https://HOST/PATH, with a query where one is needed; 1024 bytes at most"
            ),
            (
                "name: o, metadata_file: idp.xml, metadata_ca_file: c.pem",
                "61 saml[0].metadata_ca_file: nothing is fetched that it would be for; allowed: beside metadata_url; take the key out"
            ),
            (
                "name: o, metadata_url: \"https://i.example\", metadata_ca_file: k.key",
                "72 saml[0].metadata_ca_file: k.key holds no certificate; allowed: certificates in PEM (RFC 7468); it holds a key, which is nobody's authority"
            ),
        ] {
            #expect(faults("saml: [{ \(written) }]\n") == ["tenants/a.yaml:5:\(fault)"], "\(written)")
        }
    }

    @Test("a metadata file that everybody can write is refused; what the look finds is told")
    func look() {
        let place = "tenants/a.yaml:5:34 saml[0].metadata_file"
        let tenant = "saml: [{ name: o, metadata_file: idp.xml }]\n"
        var open = folder(tenant)
        open.write("idp.xml", "<metadata/>", permissions: 0o666)
        #expect(
            open.faults() == [
                "\(place): idp.xml can be written by everybody, who could so choose whom to trust; allowed: mode 0644, or less; chmod 644 idp.xml"
            ])
        var unusable = folder(tenant)
        unusable.metadataCheck = {
            $0 == Array("<metadata/>".utf8) ? .unusable("the document is \"a\"") : .usable(warnings: [], expired: nil)
        }
        #expect(
            unusable.faults() == [
                "\(place): idp.xml is not metadata of an identity provider: the document is \\\"a\\\"; allowed: SAML 2.0 metadata with one IDPSSODescriptor; save it again from the provider"
            ])
        let warned = warnings(tenant) {
            $0.metadataCheck = { _ in
                .usable(warnings: ["a certificate is odd"], expired: WallTime(milliseconds: 1_709_164_800_000))
            }
        }
        #expect(
            warned == [
                "\(place): warning: idp.xml: a certificate is odd",
                "\(place): warning: idp.xml may not be used since 2024-02-29T00:00:00Z, and nobody signs in by it; save it again from the provider",
            ])
    }

    @Test("the look at metadata is the one of a sign-in")
    func inspection() {
        let now = WallTime(milliseconds: 1_709_164_800_000)
        guard case .unusable(let words) = MetadataInspection.find(Array("<metadata/>".utf8), at: now) else {
            return #expect(Bool(false), "no metadata was taken for some")
        }
        #expect(words.contains("not SAML metadata"))
    }

    @Test("names, entity IDs, domains and hosts are one connection's")
    func once() {
        let found = faults(
            """
            saml:
              - { name: o, metadata_file: idp.xml, entity_id: "urn:x:y", email_domains: [a.example], hosts: [a.example.org] }
              - { name: o, metadata_file: idp.xml, entity_id: "urn:x:y", email_domains: [A.example], hosts: [A.example.org] }
              - { name: p, metadata_file: idp.xml, enabled: false, email_domains: [a.example], hosts: [a.example.org] }

            """)
        #expect(
            found == [
                "tenants/a.yaml:7:13 saml[1].name: \"o\" is the name of another connection already (tenants/a.yaml:6:13); each name once",
                "tenants/a.yaml:7:51 saml[1].entity_id: \"urn:x:y\" is what another connection is called already (tenants/a.yaml:6:51); each entity ID once in a tenant; take the key out: then the address of its metadata is its entity ID",
                "tenants/a.yaml:7:78 saml[1].email_domains[0]: \"a.example\" leads to connection o already (tenants/a.yaml:6:78); an e-mail domain leads to one connection; keep it in one place",
                "tenants/a.yaml:7:98 saml[1].hosts[0]: \"a.example.org\" leads to connection o already (tenants/a.yaml:6:98); a host leads to one connection; keep it in one place",
            ])
    }

    @Test("where more than one connection is in use, each names whom it vouches for")
    func several() {
        let words =
            "it names no email_domains, so that its provider would vouch for everybody, members of other connections too; allowed: email_domains at each connection, where more than one is in use; write email_domains, or enabled: false"
        let partner = "  - { name: partner, metadata_file: idp.xml }\n"
        let okta = "saml:\n  - { name: okta, metadata_file: idp.xml, email_domains: [a.example] }\n"
        #expect(faults(okta + partner) == ["tenants/a.yaml:7:5 saml[1]: \(words)"])
        #expect(
            faults("saml:\n  - { name: okta, metadata_file: idp.xml }\n" + partner) == [
                "tenants/a.yaml:6:5 saml[0]: \(words)", "tenants/a.yaml:7:5 saml[1]: \(words)",
            ])
        #expect(faults(okta + partner.replacing(" }", with: ", enabled: false }")) == [])
        #expect(faults(okta + partner.replacing(" }", with: ", email_domains: [b.example] }")) == [])
    }

    @Test("a connection stands where its tenant is, and vouches for the tenant's domains alone")
    func owned() {
        let connection = "saml: [{ name: o, metadata_file: idp.xml }]\n"
        #expect(
            faults(connection, places: "") == [
                "tenants/a.yaml:3:8 saml[0]: the tenant's file names no host, and there is no portal_host to sign in at; allowed: saml beside hosts, or with portal_host in gatehouse.yaml; write hosts into this file",
                "tenants/a.yaml:3:8 saml[0]: the tenant's file names no e-mail domain, so that no address that a provider tells counts; allowed: saml beside email_domains; write email_domains into this file",
            ])
        #expect(
            faults(connection, places: "email_domains: [a.example]\n", adding: "portal_host: id.example.org") == [])
        #expect(
            faults("saml: [{ name: o, metadata_file: idp.xml, enabled: false }]\n", places: "") == [],
            "one that is not in use needs nothing yet")
        #expect(
            faults("saml: [{ name: o, metadata_file: idp.xml, hosts: [b.example.org], email_domains: [a.exampl] }]\n")
                == [
                    "tenants/a.yaml:5:51 saml[0].hosts[0]: \"b.example.org\" is not a host of this tenant; hosts: a.example.org; did you mean \"a.example.org\"?",
                    "tenants/a.yaml:5:83 saml[0].email_domains[0]: \"a.exampl\" is not an e-mail domain of this tenant; email_domains: a.example, b.example; did you mean \"a.example\"?",
                ])
    }

    @Test("roles that a connection gives are known, and their groups come from an attribute")
    func roles() {
        #expect(
            faults(
                "roles: [auditor]\nsaml: [{ name: o, metadata_file: idp.xml, attributes: { roles: g }, role_mapping: { a: auditro, \"*\": [user, auditor] } }]\n"
            ) == [
                "tenants/a.yaml:6:88 saml[0].role_mapping.a: \"auditro\" is neither a role of the catalogue nor one of this tenant's; roles: user, admin, auditor; did you mean \"auditor\"?"
            ])
        #expect(
            faults("saml: [{ name: o, metadata_file: idp.xml, role_mapping: { a: admin } }]\n") == [
                "tenants/a.yaml:5:62 saml[0].role_mapping.a: no attribute is named whose values would be looked up here; allowed: role_mapping beside attributes.roles, or with \"*\" alone; write attributes: { roles: … }, as the provider calls its groups"
            ])
        #expect(faults("saml: [{ name: o, metadata_file: idp.xml, role_mapping: { \"*\": admin } }]\n") == [])
    }

    @Test("plan and sign_in.methods include saml, or there is no connection in use")
    func ways() {
        let connection = "saml: [{ name: o, metadata_file: idp.xml }]\n"
        #expect(
            faults("plan: small\n" + connection, adding: "plans: { small: {}, big: { sign_in: [saml] } }") == [
                "tenants/a.yaml:6:8 saml[0]: the plan small does not include saml; included: password, passkey; delete saml, or give the tenant another plan"
            ])
        #expect(faults("plan: big\n" + connection, adding: "plans: { big: { sign_in: [saml] } }") == [])
        #expect(
            faults("sign_in: { methods: [password] }\n" + connection) == [
                "tenants/a.yaml:6:8 saml[0]: sign_in.methods (tenants/a.yaml:5:10) leaves saml out, so that nobody signs in here; allowed: saml in sign_in.methods, or enabled: false; add saml to sign_in.methods"
            ])
        #expect(
            warnings("sign_in: { methods: [password, saml] }\n") == [
                "tenants/a.yaml:5:32 sign_in.methods[1]: warning: the tenant has no connection, so that nobody signs in so; write one under saml"
            ])
        #expect(warnings("sign_in: { methods: [saml, passkey], break_glass: [it@a.example] }\n" + connection) == [])
    }

    @Test("what works and is dangerous is told")
    func dangers() {
        #expect(
            warnings("saml: [{ name: o, metadata_file: idp.xml, idp_initiated: accept }]\n") == [
                "tenants/a.yaml:5:58 saml[0].idp_initiated: warning: whoever gets a browser to send an answer of this provider signs it in; restart asks the provider anew and takes part in no such trick"
            ])
        #expect(
            warnings("sign_in: { sso_domains: enforced }\nsaml: [{ name: o, metadata_file: idp.xml }]\n") == [
                "tenants/a.yaml:5:10 sign_in: warning: members in domains of connections sign in by them alone, and nobody else can let them in on the day on which a provider fails; name an account in break_glass"
            ])
    }

    @Test("what is no value of its key is refused with those that are")
    func values() {
        for (written, fault) in [
            (
                "name: Okta",
                "16 saml[0].name: \"Okta\" is not a connection's name; allowed: 1 to 63 of a-z, 0-9 and -; did you mean \"okta\"?"
            ),
            (
                "name: o, clock_skew: 6m",
                "55 saml[0].clock_skew: \"6m\" is out of bounds; allowed: 0s to 5m, a number and ms, s, m, h or d"
            ),
            (
                "name: o, entity_id: acme",
                "54 saml[0].entity_id: \"acme\" is not a URI; allowed: a URI such as https://app.example.org/saml or urn:example:app, 1024 bytes at most; \"\" for none"
            ),
            (
                "name: o, signature_algorithms: [rsa-sha1]",
                "66 saml[0].signature_algorithms[0]: \"rsa-sha1\" is not a signature algorithm; allowed: rsa-sha256, rsa-sha384, rsa-sha512, ecdsa-sha256, ecdsa-sha384, ecdsa-sha512; did you mean \"rsa-sha512\"?"
            ),
            (
                "name: o, idp_initiated: allow",
                "58 saml[0].idp_initiated: \"allow\" is not a rule for answers that nobody asked for; allowed: disabled, restart, accept"
            ),
            (
                "name: o, role_mapping: { a: { b: user } }",
                "62 saml[0].role_mapping.a: a mapping stands here; expected a role name: 1 to 63 of a-z, 0-9, _ and -, or a list"
            ),
        ] {
            let text =
                written.hasPrefix("name: o,")
                ? written.replacing("name: o,", with: "name: o, metadata_file: idp.xml,") : written
            #expect(
                faults("saml: [{ \(text)\(text == written ? ", metadata_file: idp.xml" : "") }]\n")
                    == ["tenants/a.yaml:5:\(fault)"], "\(written)")
        }
    }
}
