import Access
import Core
import Testing

@testable import Gateway

@Suite("Tenants' files are judged with gatehouse.yaml, in one run")
struct TenantFileTests {
    private func faults(adding extra: String? = nil, _ tenants: [String: String]) -> [String] {
        var folder = ConfigurationFolder(adding: extra)
        for (name, text) in tenants { folder.write("tenants/\(name)", text) }
        return folder.faults()
    }

    @Test("a host of two tenants is refused with both places")
    func sharedByTwo() {
        #expect(
            faults([
                "a.yaml": "id: a\nname: A\nhosts: [x.example.org]\n",
                "b.yaml": "id: b\nname: B\nhosts: [X.example.org]\n",
            ]) == [
                "tenants/b.yaml:3:9 hosts[0]: \"x.example.org\" is a host of tenant a already (tenants/a.yaml:3:9); a host belongs to one tenant, or is shared; keep it in one place"
            ])
    }

    @Test("a tenant's host is not public_url's and not shared")
    func publicHost() {
        #expect(
            faults(
                adding: "shared_hosts: [s.example.org]",
                ["a.yaml": "id: a\nname: A\nhosts: [app.example.org, s.example.org, a.example.org]\n"]) == [
                    "tenants/a.yaml:3:9 hosts[0]: \"app.example.org\" is public_url's host already (g.yaml:1:13); a host belongs to one tenant, or is shared; keep it in one place",
                    "tenants/a.yaml:3:26 hosts[1]: \"s.example.org\" is a shared host already (g.yaml:4:16); a host belongs to one tenant, or is shared; keep it in one place",
                ])
    }

    @Test("a tenant's host is not portal_host")
    func portalHost() {
        #expect(
            faults(
                adding: "portal_host: id.example.org", ["a.yaml": "id: a\nname: A\nhosts: [ID.example.org]\n"]) == [
                    "tenants/a.yaml:3:9 hosts[0]: \"id.example.org\" is portal_host already (g.yaml:4:14); a host belongs to one tenant, or is shared; keep it in one place"
                ])
    }

    @Test("an e-mail domain is one tenant's, however it is written")
    func domains() {
        #expect(
            faults([
                "a.yaml": "id: a\nname: A\nemail_domains: [bücher.example, a.example]\n",
                "b.yaml": "id: b\nname: B\nemail_domains: [XN--BCHER-KVA.example]\n",
            ]) == [
                "tenants/b.yaml:3:17 email_domains[0]: \"xn--bcher-kva.example\" is a domain of tenant a already (tenants/a.yaml:3:17); an e-mail domain belongs to one tenant; keep it in one place"
            ])
    }

    @Test("an address, a pattern and what is no domain are refused as e-mail domains")
    func badDomains() {
        #expect(
            faults([
                "a.yaml":
                    "id: a\nname: A\nemail_domains: [it@acme.example, \"*.acme.example\", \"a b\", A.example, a.example]\n"
            ]) == [
                "tenants/a.yaml:3:17 email_domains[0]: \"it@acme.example\" is an address; allowed: what stands behind the @ of an address, such as acme.example; did you mean \"acme.example\"?",
                "tenants/a.yaml:3:34 email_domains[1]: \"*.acme.example\" has a *; each domain by its name, subdomains too",
                "tenants/a.yaml:3:52 email_domains[2]: \"a b\" is not an e-mail domain; allowed: what stands behind the @ of an address, such as acme.example",
                "tenants/a.yaml:3:70 email_domains[4]: the same as email_domains[3]; each entry once; delete one",
            ])
    }

    @Test("a plan and a region are names, or empty")
    func names() {
        #expect(
            faults(["a.yaml": "id: a\nname: A\nplan: Gold\nregion: \"\"\n"]) == [
                "tenants/a.yaml:3:7 plan: \"Gold\" is not a plan's name; allowed: 1 to 63 of a-z, 0-9, _ and -; \"\" for none; did you mean \"gold\"?"
            ])
    }

    @Test("an id is one tenant's")
    func ids() {
        #expect(
            faults(["a.yaml": "id: a\nname: A\n", "b.yaml": "id: a\nname: B\n"]) == [
                "tenants/b.yaml:1:5 id: \"a\" is the id of another tenant already (tenants/a.yaml:1:5); each id once"
            ])
    }

    @Test("a tenant's own role does not shadow the catalogue, and mfa names roles that there are")
    func roles() {
        #expect(
            faults(["a.yaml": "id: a\nname: A\nroles: [auditor, admin]\nmfa: { roles: [auditor, user, auditro] }\n"])
                == [
                    "tenants/a.yaml:3:18 roles[1]: \"admin\" is in the operator's catalogue; a tenant's own roles have other names; delete it: every tenant has the catalogue's roles",
                    "tenants/a.yaml:4:31 mfa.roles[2]: \"auditro\" is neither a role of the catalogue nor one of this tenant's; roles: user, admin, auditor, admin; did you mean \"auditor\"?",
                ])
    }

    @Test("a bad id, an empty name and unknown keys are refused, all files in one run")
    func values() {
        #expect(
            faults(
                adding: "limits: { headers: 0 }",
                [
                    "a.yaml": "id: Acme\nname: \"\"\n", "b.yaml": "id: b\nplans: enterprise\n",
                    "c.yaml": "id: c\nname: [\n",
                    "d.yaml": "id: d\nname: D\nmfa: requird\nsuspended: yes\n",
                ]) == [
                    "g.yaml:4:20 limits.headers: 0 is out of bounds; allowed: 1 to 1000",
                    "tenants/a.yaml:1:5 id: \"Acme\" is not a tenant id; allowed: 1 to 63 of a-z, 0-9 and -; did you mean \"acme\"?",
                    "tenants/a.yaml:2:7 name: the text is empty; allowed: 1 to 200 bytes of text",
                    "tenants/b.yaml:1:1 name: missing; required: The name that people read.",
                    "tenants/b.yaml:2:1 plans: unknown key; allowed here: id, name, hosts, email_domains, plan, region, roles, mfa, webauthn, allowed_networks, sign_in, suspended, session, branding, saml; did you mean \"plan\"?",
                    "tenants/c.yaml:3:1: not valid YAML: did not find expected node content; check indentation, quotes and brackets on this line and the one above",
                    "tenants/d.yaml:3:6 mfa: \"requird\" is not a second-factor rule; allowed: none, optional, required; did you mean \"required\"?",
                    "tenants/d.yaml:4:12 suspended: \"yes\" is not a truth value; allowed: true, false; did you mean true?",
                ])
    }

    @Test("a tenant's sessions are worth less than the operator's file says, never more")
    func sessions() {
        #expect(
            faults(
                adding: "login: { session: { idle: 20m, per_user_limit: 5, remember: 7d } }",
                [
                    "a.yaml":
                        "id: a\nname: A\nsession: { idle: 20m, absolute: 12h, per_user_limit: 5, remember: 7d }\n",
                    "b.yaml":
                        "id: b\nname: B\nsession: { idle: 21m, absolute: 13h, per_user_limit: 0, remember: 8d }\n",
                    "c.yaml": "id: c\nname: C\nsession: { idle: 10m, absolute: 5m, per_user_limit: 6 }\n",
                ]) == [
                    "tenants/b.yaml:3:18 session.idle: 21m is longer than login.session.idle (20m, g.yaml:4:27); allowed: at most 20m; a tenant's file may only shorten it; shorten it, or raise login.session.idle",
                    "tenants/b.yaml:3:33 session.absolute: 13h is longer than login.session.absolute (12h, g.yaml:4:19); allowed: at most 12h; a tenant's file may only shorten it; shorten it, or raise login.session.absolute",
                    "tenants/b.yaml:3:54 session.per_user_limit: 0 is more than login.session.per_user_limit (5, g.yaml:4:48); allowed: 1 to 5; a tenant's file may only lower it; lower it, or raise login.session.per_user_limit",
                    "tenants/b.yaml:3:67 session.remember: 8d is longer than login.session.remember (7d, g.yaml:4:61); allowed: at most 7d; a tenant's file may only shorten it; shorten it, or raise login.session.remember",
                    "tenants/c.yaml:3:18 session.idle: 10m is longer than absolute (5m, tenants/c.yaml:3:33); allowed: at most absolute; shorten idle, or raise absolute",
                    "tenants/c.yaml:3:53 session.per_user_limit: 6 is more than login.session.per_user_limit (5, g.yaml:4:48); allowed: 1 to 5; a tenant's file may only lower it; lower it, or raise login.session.per_user_limit",
                ])
    }

    @Test("looks that cannot be read, and pictures that are none, are refused")
    func branding() {
        var folder = ConfigurationFolder()
        folder.write("logo.svg", "<?xml version=\"1.0\"?><svg onload=\"x\"/>")
        folder.write("logo.txt", "PNG")
        folder.write("large.png", String(repeating: "x", count: 262_145))
        folder.write(
            "tenants/a.yaml",
            "id: a\nname: A\nbranding: { logo_file: logo.svg, accent: \"#ffcc00\", accent_dark: \"#333333\" }\n")
        folder.write("tenants/b.yaml", "id: b\nname: B\nbranding: { logo_file: logo.txt, accent: 0b5cad }\n")
        folder.write("tenants/c.yaml", "id: c\nname: C\nbranding: { logo_file: none.png, accent: blue }\n")
        folder.write("tenants/d.yaml", "id: d\nname: D\nbranding:\n  accent: #0b5cad\n  logo_file: large.png\n")
        let colours = "allowed: \"#rrggbb\" in quotation marks (# begins a comment); \"\" for none"
        #expect(
            folder.faults() == [
                "tenants/a.yaml:3:24 branding.logo_file: logo.svg: SVG, which can carry script; allowed: PNG, JPEG and WebP, told by their first bytes; save it as PNG",
                "tenants/a.yaml:3:42 branding.accent: #ffcc00 has a contrast of 1.3:1 against the pages' light ground; allowed: 4.5:1 and more (WCAG 2.2, 1.4.3); take a darker colour",
                "tenants/a.yaml:3:66 branding.accent_dark: #333333 has a contrast of 1.2:1 against the pages' dark ground; allowed: 4.5:1 and more (WCAG 2.2, 1.4.3); take a lighter colour",
                "tenants/b.yaml:3:24 branding.logo_file: logo.txt: no picture that is known; allowed: PNG, JPEG and WebP, told by their first bytes; save it as PNG",
                "tenants/b.yaml:3:42 branding.accent: \"0b5cad\" is not a colour; \(colours); did you mean \"#0b5cad\"?",
                "tenants/c.yaml:3:24 branding.logo_file: none.png: no such file; create it, or mend the path",
                "tenants/c.yaml:3:42 branding.accent: \"blue\" is not a colour; \(colours)",
                "tenants/d.yaml:4:10 branding.accent: nothing stands here; expected a colour: \(colours.dropFirst(9))",
                "tenants/d.yaml:5:14 branding.logo_file: large.png: the file is too large; allowed: at most 256KiB",
            ])
    }

    @Test("the default folder may be missing, a folder that is named may not")
    func missingFolder() {
        #expect(faults([:]) == [])
        #expect(
            faults(adding: "tenants_directory: tenants", [:])
                == ["g.yaml:4:20 tenants_directory: tenants: no such folder; create it, or mend the path"])
    }

    @Test("other files of the folder are left alone; one in .yml is warned about")
    func otherFiles() throws {
        var folder = ConfigurationFolder()
        folder.write("tenants/okta.xml", "<x/>")
        folder.write("tenants/.hidden.yaml", "[")
        folder.write("tenants/b.yml", "id: b\nname: B\n")
        folder.write("tenants/a.yaml", "id: a\nname: A\n")
        #expect(try folder.settings().access.tenants.map(\.id.text) == ["a"])
        #expect(
            folder.load().warnings.map(\.description)
                == ["g.yaml:1:1 tenants_directory: warning: tenants/b.yml is not read: a tenant's file ends in .yaml"])
    }

    @Test("a tenant's file is shown from the folder of the command, its paths start at gatehouse.yaml's")
    func shownPaths() {
        var folder = ConfigurationFolder()
        folder.write(
            "/etc/gh/gatehouse.yaml", String(decoding: folder.files["/srv/g.yaml"]?.bytes ?? [], as: UTF8.self))
        folder.write("/etc/gh/c.pem", ConfigurationFolder.chain)
        folder.write("/etc/gh/k.key", ConfigurationFolder.key)
        folder.write("/etc/gh/tenants/a.yaml", "id: a\n")
        #expect(
            folder.faults("/etc/gh/gatehouse.yaml")
                == ["/etc/gh/tenants/a.yaml:1:1 name: missing; required: The name that people read."])
    }
}
