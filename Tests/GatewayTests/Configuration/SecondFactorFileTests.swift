import Access
import Core
import Testing

@testable import Gateway

@Suite("What a tenant's file says of second factors and passkeys")
struct SecondFactorFileTests {
    private func folder(_ tenant: String, adding extra: String? = nil) -> ConfigurationFolder {
        var folder = ConfigurationFolder(adding: extra)
        folder.write("tenants/a.yaml", "id: a\nname: A\n" + tenant)
        return folder
    }

    private func warnings(_ tenant: String, adding extra: String? = nil) -> [String] {
        let folder = folder(tenant, adding: extra)
        #expect(folder.faults() == [])
        return folder.load().warnings.map(\.description)
    }

    @Test("mfa asks everybody or members with roles, and gives them time or none")
    func forms() throws {
        for (written, rule, grace) in [
            ("none", SecondFactorRule.none, Milliseconds(0)), ("optional", .optional, Milliseconds(0)),
            ("required", .required, Milliseconds(0)), ("{ required: true }", .required, Milliseconds(0)),
            ("{ required: true, grace: 14d }", .required, .hours(14 * 24)),
            ("{ roles: [admin], grace: 90d }", .requiredForRoles([try #require(RoleName("admin"))]), .hours(90 * 24)),
        ] {
            let tenant = try #require(try folder("mfa: \(written)\n").settings().access.tenants.first)
            #expect(tenant.secondFactor == rule, "\(written)")
            #expect(tenant.secondFactorGrace == grace, "\(written)")
        }
    }

    @Test("mfa that asks nobody, or twice, or gives too much time is refused")
    func mfaFaults() {
        for (written, fault) in [
            (
                "{ grace: 14d }",
                "6 mfa: nobody is named here; allowed: required: true, or roles; name one, or write optional or none"
            ),
            (
                "{ required: true, roles: [admin] }",
                "6 mfa: both required and roles stand here; allowed: required: true, or roles; delete one"
            ),
            (
                "{ required: false, grace: 1d }",
                "18 mfa.required: false would ask nobody; allowed: true; write mfa: optional or none"
            ),
            (
                "{ required: yes }",
                "18 mfa.required: \"yes\" is not a truth value; allowed: true, false; did you mean true?"
            ),
            (
                "{ required: true, grace: 91d }",
                "31 mfa.grace: \"91d\" is out of bounds; allowed: 0s to 90d, a number and ms, s, m, h or d"
            ),
            (
                "{ required: true, grace: 2w }",
                "31 mfa.grace: \"2w\" is not a duration; allowed: 0s to 90d, a number and ms, s, m, h or d; "
                    + "did you mean 14d?"
            ),
        ] {
            #expect(folder("mfa: \(written)\n").faults() == ["tenants/a.yaml:3:\(fault)"], "\(written)")
        }
    }

    @Test("a relying party id is the first host, or a domain that it lies in")
    func relyingParty() {
        let hosts = "hosts: [a.example.org]\n"
        for name in ["a.example.org", "example.org", "A.EXAMPLE.ORG"] {
            #expect(folder(hosts + "webauthn: { rp_id: \(name) }\n").faults() == [], "\(name)")
        }
        let outside = "allowed: a.example.org, or a domain that it lies in"
        for name in ["b.example.org", "xample.org", "a.example.org.evil.example", "x.a.example.org"] {
            #expect(
                folder(hosts + "webauthn: { rp_id: \(name) }\n").faults() == [
                    "tenants/a.yaml:4:20 webauthn.rp_id: \"a.example.org\", the first of its hosts (tenants/a.yaml:3:9), does not lie in \"\(name)\"; \(outside)"
                ])
        }
        #expect(
            folder(hosts + "webauthn: { rp_id: org }\n").faults() == [
                "tenants/a.yaml:4:20 webauthn.rp_id: \"org\" is a top-level domain, which no browser accepts; allowed: a host of the tenant, or a domain that it lies in; write more of its labels"
            ])
        #expect(folder("hosts: [localhost]\nwebauthn: { rp_id: localhost }\n").faults() == [])
        #expect(
            folder(hosts + "webauthn: { rp_id: \"https://example.org\" }\n").faults() == [
                "tenants/a.yaml:4:20 webauthn.rp_id: \"https://example.org\" is a URL; allowed: a host name, without scheme and port, or \"\" for none; did you mean \"example.org\"?"
            ])
        #expect(
            folder(hosts + "webauthn: { rp_id: 192.0.2.1 }\n").faults() == [
                "tenants/a.yaml:4:20 webauthn.rp_id: \"192.0.2.1\" is an address; allowed: a host name, without scheme and port, or \"\" for none"
            ])
    }

    @Test("hosts on which passkeys work in some browsers only are told")
    func relatedOrigins() {
        let hosts = "hosts: [a.example.org, a.example.com]\n"
        #expect(warnings(hosts) == [])
        #expect(
            warnings(hosts + "webauthn: { rp_id: example.org }\n") == [
                "tenants/a.yaml:4:20 webauthn.rp_id: warning: a.example.com does not lie in \"example.org\": passkeys work there only in browsers that know related origins (/.well-known/webauthn)"
            ])
        #expect(
            warnings("webauthn: { rp_id: example.com }\n") == [
                "tenants/a.yaml:3:20 webauthn.rp_id: warning: public_url's host app.example.org does not lie in \"example.com\": while the tenant has no host that does, no passkey works"
            ])
        #expect(warnings("webauthn: { rp_id: example.org }\n") == [])
    }

    @Test("a portal_host where the tenants' passkeys do not work is told, and the way out")
    func portalHost() {
        let portal = "portal_host: id.example.org"
        #expect(
            warnings("hosts: [a.example.org]\n", adding: portal) == [
                "g.yaml:4:14 portal_host: warning: passkeys of tenant a are the first host's, where portal_host does not lie: they work only in browsers that know related origins (/.well-known/webauthn); write webauthn.rp_id, a domain that both lie in"
            ])
        #expect(warnings("hosts: [a.example.org]\nwebauthn: { rp_id: example.org }\n", adding: portal) == [])
        #expect(warnings("hosts: [example.org]\n", adding: portal) == [])
        #expect(
            warnings("hosts: [a.example.com]\nwebauthn: { rp_id: a.example.com }\n", adding: portal) == [
                "tenants/a.yaml:4:20 webauthn.rp_id: warning: id.example.org does not lie in \"a.example.com\": passkeys work there only in browsers that know related origins (/.well-known/webauthn)"
            ])
    }

    @Test("models of authenticators are AAGUIDs, each in one list")
    func models() {
        let model = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
        let allowed = "allowed: a UUID of 32 hexadecimal digits, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a"
        #expect(
            folder("webauthn: { aaguids: { allow: [yubikey, 2fc0579f811347eab116bb5a8db9202a] } }\n").faults() == [
                "tenants/a.yaml:3:32 webauthn.aaguids.allow[0]: \"yubikey\" is not an AAGUID; \(allowed)",
                "tenants/a.yaml:3:41 webauthn.aaguids.allow[1]: \"2fc0579f811347eab116bb5a8db9202a\" is not an AAGUID; \(allowed)",
            ])
        #expect(
            folder(
                "webauthn:\n  attestation: attested\n  aaguids:\n    allow: [\(model)]\n    deny: [\(model.uppercased())]\n"
            ).faults() == [
                "tenants/a.yaml:7:12 webauthn.aaguids.deny[0]: \(model) stands in allow, too (tenants/a.yaml:6:13); each model in one list; delete one"
            ])
        #expect(
            folder("webauthn: { attestation: direct }\n").faults() == [
                "tenants/a.yaml:3:26 webauthn.attestation: \"direct\" is not a demand for attestation; allowed: any, attested"
            ])
        #expect(
            warnings("webauthn: { aaguids: { deny: [\(model)] } }\n") == [
                "tenants/a.yaml:3:31 webauthn.aaguids.deny[0]: warning: an authenticator that signs nothing may name any model, or none; attestation: attested asks for a signature"
            ])
        #expect(warnings("webauthn: { attestation: attested, aaguids: { deny: [\(model)] } }\n") == [])
    }

    @Test("a tenant whose members have passkeys alone is told how new ones come in")
    func passkeysAlone() {
        #expect(
            warnings("sign_in: { methods: [passkey] }\n") == [
                "tenants/a.yaml:3:22 sign_in.methods[0]: warning: without password only members who have a passkey already sign in; name others in break_glass until they have one"
            ])
        #expect(warnings("sign_in: { methods: [passkey, password] }\n") == [])
        #expect(warnings("sign_in: { methods: [password] }\n") == [])
        #expect(warnings("") == [])
    }
}
