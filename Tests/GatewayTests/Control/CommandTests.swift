import Core
import Foundation
import Store
import Testing

@testable import Gateway

@Suite("Commands do what they say, in a process of their own")
struct CommandTests {
    private static let tenant = OperatorClient.NewTenant(
        id: "acme", name: "Acme GmbH", hosts: ["acme.example.org", "b.example.org"], plan: "pro", region: nil)
    private static let user = OperatorClient.NewUser(
        tenant: "acme", email: "erika@acme.example", name: "Erika", roles: ["admin"])

    @Test("a made tenant is listed and shown")
    func tenants() async throws {
        let folder = try OperatorFolder()
        let empty = try await folder.withClient { try $0.listTenants(asJSON: false) }
        #expect(empty.text.isEmpty)
        #expect(empty.note.hasPrefix("no tenants"))
        #expect(try await folder.withClient { try $0.listTenants(asJSON: true) }.text == "[\n\n]\n")
        let made = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        #expect(made.text == "acme\n")
        let list = try await folder.withClient { try $0.listTenants(asJSON: false) }
        #expect(
            list.text == """
                ID    NAME       STATE   PLAN  REGION  HOSTS
                acme  Acme GmbH  active  pro   -       acme.example.org and 1 more

                """)
        let shown = try await folder.withClient { try $0.showTenant("acme", asJSON: false) }
        #expect(shown.text.hasPrefix("id:            acme\nname:          Acme GmbH\n"))
        #expect(
            shown.text.contains(
                "plan_includes: sign in by password, sign in by passkey, sign in by saml, own_roles, allowed_networks\n"
            )
        )
        let unknown = try await folder.fault { try $0.showTenant("acne", asJSON: false) }
        #expect(unknown?.description == #"there is no tenant "acne"; did you mean "acme"?"#)
        let misspelt = try await folder.fault { try $0.showTenant("A/../b", asJSON: false) }
        #expect(misspelt?.kind == .badData)
    }

    @Test("tenants' files are applied before a command works, and the keys that they own are shown with their place")
    func tenantFiles() async throws {
        let folder = try OperatorFolder(tenantFiles: [
            "acme.yaml": "id: acme\nname: Acme GmbH\nhosts: [ acme.example.org ]\n"
        ])
        let shown = try await folder.withClient { try $0.showTenant("acme", asJSON: false) }
        #expect(shown.text.contains("name:    Acme GmbH  (tenants/acme.yaml:2)\n"))
        #expect(shown.text.contains("hosts:   acme.example.org  (tenants/acme.yaml:3)\n"))
        let rules = try OperatorFolder(tenantFiles: [
            "acme.yaml":
                "id: acme\nname: Acme\nmfa: { required: true, grace: 14d }\nwebauthn: { attestation: attested }\n"
        ])
        let shownRules = try await rules.withClient { try $0.showTenant("acme", asJSON: false) }
        #expect(shownRules.text.contains("required; grace: 14d  (tenants/acme.yaml:3)\n"))
        #expect(shownRules.text.contains("attestation: attested  (tenants/acme.yaml:4)\n"))
        let taken = try await folder.fault { try $0.createTenant(Self.tenant, asJSON: false) }
        #expect(taken?.kind == .badData)
    }

    @Test("keys of a file that has gone are free again, and keep their values")
    func vanishedFile() async throws {
        let folder = try OperatorFolder()
        let key = try MasterKeyFile.read(folder.settings.store.masterKeyFile).key
        let now = WallTime(milliseconds: 0)
        let store = try await DataStore.open(folder: folder.settings.store.directory, masterKey: key, at: now)
        let id = try #require(TenantID("acme"))
        let owned = Tenant(id: id, name: "From a file", keysOwnedByFile: ["name"])
        _ = try await store.createTenant(owned, audit: AuditEntry(action: "x", actor: .system), at: now)
        #expect(try await TenantFileApplication.apply([], to: store, at: now) == [id])
        let freed = try #require(try await store.tenants.find(id))
        #expect(freed.keysOwnedByFile.isEmpty)
        #expect(freed.name == "From a file")
        #expect(try await TenantFileApplication.apply([], to: store, at: now).isEmpty)
        try await store.close()
    }

    @Test("a made user's id stands alone on standard output; the user is found by address and by id")
    func users() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let made = try await folder.withClient { client in
            try client.createUser(
                Self.user, password: SecretBytes(copying: Array("Correct-Horse-9".utf8)), asJSON: false)
        }
        let id = try #require(UserID(String(made.text.dropLast())))
        #expect(made.text == "\(id)\n")
        for name in ["ERIKA@acme.example", id.description] {
            let shown = try await folder.withClient { try $0.showUser(name, of: "acme", asJSON: false) }
            #expect(shown.text.contains("email:    erika@acme.example\n"))
            #expect(shown.text.contains("password: set\n"))
            #expect(shown.text.contains("factors:  none\n"))
        }
        let roles = try await folder.withClient {
            try $0.setRoles(["user"], of: "erika@acme.example", in: "acme", asJSON: false)
        }
        #expect(roles.text.contains("roles:    user\n"))
        let disabled = try await folder.withClient {
            try $0.setUser("erika@acme.example", in: "acme", enabled: false, asJSON: false)
        }
        #expect(disabled.text.contains("state:    disabled\n"))
        let changed = try await folder.withClient { client in
            try client.setPassword(
                SecretBytes(copying: Array("Another-Heron-9".utf8)), of: "erika@acme.example", in: "acme", asJSON: true)
        }
        #expect(changed.text.contains(#""has_password" : true"#))
        let list = try await folder.withClient { try $0.listUsers(of: "acme", asJSON: true) }
        #expect(list.text.contains(#""email" : "erika@acme.example""#))
    }

    @Test("a reset says how many factors there were, and the code stands alone on its line")
    func factorReset() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        _ = try await folder.withClient { client in
            try client.createUser(
                Self.user, password: SecretBytes(copying: Array("Correct-Horse-9".utf8)), asJSON: false)
        }
        func reset(printsCode: Bool, asJSON: Bool) async throws -> CommandOutput {
            try await folder.withClient {
                try $0.resetFactors(of: "erika@acme.example", in: "acme", printsCode: printsCode, asJSON: asJSON)
            }
        }
        let plain = try await reset(printsCode: false, asJSON: false)
        #expect((plain.text, plain.note) == ("0 second factors removed\n", ""))
        let printed = try await reset(printsCode: true, asJSON: false)
        #expect(printed.text.wholeMatch(of: /0 second factors removed\n[0-9]{4} [0-9]{4}\n/) != nil)
        #expect(try await reset(printsCode: true, asJSON: true).text.contains(#""enrolment_code" : ""#))
        let unknown = try await folder.fault {
            try $0.resetFactors(of: "erica@acme.example", in: "acme", printsCode: true, asJSON: false)
        }
        #expect(unknown?.kind == .badData)
    }

    @Test("whoever could not sign in by password after a reset is told of")
    func factorResetWithoutPassword() async throws {
        let folder = try OperatorFolder(tenantFiles: [
            "acme.yaml": "id: acme\nname: Acme GmbH\nsign_in: { methods: [passkey] }\n"
        ])
        _ = try await folder.withClient { client in
            try client.createUser(
                Self.user, password: SecretBytes(copying: Array("Correct-Horse-9".utf8)), asJSON: false)
        }
        let reset = try await folder.withClient {
            try $0.resetFactors(of: "erika@acme.example", in: "acme", printsCode: false, asJSON: true)
        }
        #expect(reset.text.contains(#""signs_in_by_password" : false"#))
        #expect(reset.note.contains("sign_in.break_glass"))
    }

    @Test("an unknown user, an unknown role, a short password and a taken address are bad data")
    func badData() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        func create(_ user: OperatorClient.NewUser, _ password: String) async throws -> OperatorFault? {
            try await folder.fault { client in
                try client.createUser(user, password: SecretBytes(copying: Array(password.utf8)), asJSON: false)
            }
        }
        #expect(try await create(Self.user, "short")?.kind == .badData)
        let roles = OperatorClient.NewUser(tenant: "acme", email: "a@b.example", name: "A", roles: ["admn"])
        let unknownRole = try #require(try await create(roles, "Correct-Horse-9"))
        #expect(unknownRole.kind == .badData)
        #expect(unknownRole.description.hasSuffix(#"did you mean "admin"?"#))
        #expect(try await create(Self.user, "Correct-Horse-9") == nil)
        #expect(try await create(Self.user, "Correct-Horse-9")?.kind == .badData)
        let unknown = try await folder.fault { try $0.showUser("erica@acme.example", of: "acme", asJSON: false) }
        #expect(unknown?.kind == .badData)
        #expect(unknown?.description.hasSuffix(#"did you mean "erika@acme.example"?"#) == true)
    }

    @Test("sessions and counters are listed and ended, also where there are none")
    func sessionsAndThrottles() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let list = try await folder.withClient { try $0.listSessions(of: "acme", .all, asJSON: false) }
        #expect((list.text, list.note) == ("", "no sessions\n"))
        let ended = try await folder.withClient { try $0.revokeSessions(of: "acme", .all, asJSON: false) }
        #expect(ended.text == "0 sessions ended\n")
        #expect(
            try await folder.fault { try $0.revokeSessions(of: "acme", .handle("x"), asJSON: false) }?.kind == .badData)
        let cleared = try await folder.withClient { try $0.clearThrottles(address: "192.0.2.1", asJSON: false) }
        #expect(cleared.text == "0 counters forgotten\n")
        #expect(try await folder.fault { try $0.clearThrottles(address: "192.0.2", asJSON: false) }?.kind == .badData)
        #expect(try await folder.withClient { try $0.listThrottles(asJSON: false) }.text.isEmpty)
    }

    @Test("a sound store is clean")
    func verification() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let clean = try await folder.withClient { try $0.verifyStore(asJSON: false) }
        #expect(clean.text == "clean: 1 tenant, 0 users, 0 sessions, 1 audit entry\n")
        #expect(clean.verdict == nil)
    }

    @Test("findings are bad news, told one a line, and decide the exit code")
    func findings() async throws {
        let folder = try OperatorFolder()
        let json =
            #"{"is_clean":false,"tenants":1,"users":0,"sessions":0,"audit_entries":1,"findings":[{"place":"acme","words":"w\u001b"}]}"#
        let server = try UnixServer(
            path: folder.settings.store.controlSocket,
            answer: Array("HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8))
        let output = try await folder.withClient { try $0.verifyStore(asJSON: false) }
        #expect(output.text.hasPrefix("acme: w\\u{1B}\n1 finding: 1 tenant"))
        #expect(output.verdict == .badData)
        #expect(!server.requests.isEmpty)
    }
}
