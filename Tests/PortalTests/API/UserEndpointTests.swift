import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("Users are made, listed, shown and changed")
struct UserEndpointTests {
    private static let users = "/tenants/acme/users"
    private static let good =
        #"{"email":" Erika@Acme.example ","name":"Erika","roles":["admin","auditor","admin"],"password":"Correct-Horse-9"}"#

    @Test("a user is made with a hashed password, and the making is audited")
    func made() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant(roles: ["auditor"])
        let answer = await world.ask(.post, Self.users, Self.good)
        #expect(answer.head.status == .created)
        let made = try answer.read(UserResource.self)
        #expect((made.email, made.state, made.hasPassword) == ("Erika@Acme.example", "active", true))
        #expect(made.roles == ["admin", "auditor"])
        var shown = try await world.ask(.get, "\(Self.users)/\(made.id)").read(UserResource.self)
        #expect(shown.factors != nil)
        #expect(shown.connections == [])
        (shown.factors, shown.connections) = (nil, nil)
        #expect(shown == made)
        let id = try #require(UserID(made.id))
        #expect(try await tenant.users.passwordHash(of: id)?.text == sampleHash?.text)
        let entry = try await tenant.lastEntry()
        #expect((entry.action, entry.subject) == ("user.created", id))
        #expect(entry.actor == .operator)
        #expect(entry.publicDetails == [.init("roles", "admin,auditor")])
    }

    @Test(
        "what a user may not be is refused, and nothing is made or hashed",
        arguments: [
            (#"{"name":"E"}"#, "field-missing"), (#"{"email":"e@acme.example"}"#, "field-missing"),
            (#"{"email":"e","name":"E"}"#, "value-refused"),
            (#"{"email":"e@acme.example","name":""}"#, "value-refused"),
            (#"{"email":"e@acme.example","name":"E","roles":["admn"]}"#, "role-unknown"),
            (#"{"email":"e@acme.example","name":"E","roles":["foreign"]}"#, "role-unknown"),
            (#"{"email":"e@acme.example","name":"E","roles":"admin"}"#, "value-refused"),
            (#"{"email":"e@acme.example","name":"E","password":"elevenchars"}"#, "password-refused"),
            (#"{"email":"e@acme.example","name":"E","password":"élevencharé"}"#, "password-refused"),
            (#"{"email":"e@acme.example","name":"E","password":true}"#, "value-refused"),
            (#"{"email":"TAKEN@acme.example","name":"E","password":"Correct-Horse-9"}"#, "email-taken"),
            (#"{"email":"e@acme.example","name":"E","passwrd":"Correct-Horse-9"}"#, "field-unknown"),
        ])
    func refused(json: String, code: String) async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant(roles: ["auditor"])
        try await world.makeTenant("globex", roles: ["foreign"])
        _ = try await tenant.makeUser("taken@acme.example")
        #expect(try await world.ask(.post, Self.users, json).problem().code == code)
        #expect(try await tenant.users.list().count == 1)
        #expect(world.told().hashes == 0)
    }

    @Test("every broken rule is named in one refusal")
    func passwordRules() async throws {
        let world = try await APIWorld()
        try await world.makeTenant(hosts: ["portal.bottler.example"])
        func problem(_ password: String) async throws -> APIProblem {
            try await world.ask(
                .post, Self.users, #"{"email":"dora@acme.example","name":"Dora","password":"\#(password)"}"#
            ).problem()
        }
        let short = try await problem("elevenchars")
        #expect(short.code == "password-refused")
        #expect(
            short.detail
                == "The password is too short; allowed: 12 characters at least. The password has no capital letter. "
                + "The password has no digit. The password has no special character, such as - or !.")
        #expect(try #require(try await problem("P@ssw0rd!2026").detail).contains("10,000 most common"))
        #expect(try #require(try await problem("Bottler-of-9-Horses").detail).contains("organisation"))
        #expect(try #require(try await problem("D0ra-Correct-Horse").detail).contains("e-mail"))
        #expect(try #require(try await problem("Correct-Horse-9\\u0000").detail).contains("cannot be typed"))
        #expect(try #require(try await problem(String(repeating: "x", count: 500_000)).detail).contains("too long"))
        #expect(world.told().hashes == 0)
    }

    @Test("an own password that comes back is refused, and with no history it is not")
    func passwordHistory() async throws {
        let json = #"{"password":"Correct-Horse-9"}"#
        let world = try await APIWorld(formerPassword: "Correct-Horse-9")
        let user = try await world.makeTenant().makeUser()
        let path = "\(Self.users)/\(user.id)/password"
        let problem = try await world.ask(.put, path, json).problem()
        #expect(problem.code == "password-refused")
        #expect(problem.detail == "The password is one of the last 6.")
        #expect(await world.ask(.put, path, #"{"password":"Another-Heron-10"}"#).head.status == .ok)
        let free = try await APIWorld(passwords: PasswordSettings(history: 0), formerPassword: "Correct-Horse-9")
        let other = try await free.makeTenant().makeUser()
        #expect(await free.ask(.put, "\(Self.users)/\(other.id)/password", json).head.status == .ok)
    }

    @Test("a check says of each rule what became of it, and changes nothing")
    func passwordCheck() async throws {
        let world = try await APIWorld(formerPassword: "Correct-Horse-9")
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        let path = "/tenants/acme/password-check"
        let good = try await world.ask(.post, path, #"{"password":"Another-Heron-10"}"#).read(
            PasswordVerdictResource.self)
        #expect(good.accepted)
        #expect(good.rules.allSatisfy { $0.outcome != "broken" })
        #expect(good.rules.last == .init(rule: "history", outcome: "unchecked", text: "none of your last 6 passwords"))
        let own = try await world.ask(
            .post, path, #"{"password":"Correct-Horse-9","email":"ERIKA@acme.example"}"#
        ).read(PasswordVerdictResource.self)
        #expect(!own.accepted)
        #expect(own.rules.filter { $0.outcome == "broken" }.map(\.rule) == ["history"])
        let name = try await world.ask(
            .post, path, #"{"password":"Musterfrau-Horse-9","email":"erika@acme.example"}"#
        ).read(PasswordVerdictResource.self)
        #expect(name.rules.filter { $0.outcome == "broken" }.map(\.rule) == ["personal-data"])
        #expect(try await world.ask(.post, path, "{}").problem().code == "field-missing")
        #expect(
            try await world.ask(.post, "/tenants/none/password-check", #"{"password":"x"}"#).problem().status == 404)
        #expect(world.told().hashes == 0)
        #expect(try await tenant.users.passwordHash(of: user.id)?.text == sampleHash?.text)
    }

    @Test("an unknown role is refused with the one that was meant")
    func roleSuggestion() async throws {
        let world = try await APIWorld()
        try await world.makeTenant(roles: ["auditor"])
        let problem = try await world.ask(
            .post, Self.users, #"{"email":"e@acme.example","name":"E","roles":["auditr"]}"#
        ).problem()
        #expect(problem.suggestion == "auditor")
        #expect(try #require(problem.detail).contains("user, admin, auditor"))
    }

    @Test("where no password can be hashed now, the caller is told to come again")
    func busy() async throws {
        let world = try await APIWorld(isHashingBusy: true)
        let tenant = try await world.makeTenant(roles: ["auditor"])
        let problem = try await world.ask(.post, Self.users, Self.good).problem()
        #expect((problem.status, problem.code) == (503, "busy"))
        #expect(try await tenant.users.list().isEmpty)
    }

    @Test("a user is found by address, in any spelling; an unknown one is refused with the nearest")
    func byEmail() async throws {
        let world = try await APIWorld()
        let user = try await world.makeTenant().makeUser("erika+x@acme.example")
        let page = try await world.ask(.get, Self.users + "?email=ERIKA+x%40acme.example").read(Page<UserResource>.self)
        #expect(page.items.map(\.id) == [user.id.description])
        let problem = try await world.ask(.get, Self.users + "?email=erica+x@acme.example").problem()
        #expect((problem.status, problem.code, problem.suggestion) == (404, "user-unknown", "erika+x@acme.example"))
        #expect(try await world.ask(.get, Self.users + "?email=x").problem().code == "value-refused")
    }

    @Test("users come page by page, each once")
    func pages() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        var made: Set<String> = []
        for name in ["a", "b", "c"] { made.insert(try await tenant.makeUser("\(name)@acme.example").id.description) }
        let first = try await world.ask(.get, Self.users + "?limit=2").read(Page<UserResource>.self)
        let next = try #require(first.next)
        let second = try await world.ask(.get, Self.users + "?limit=2&after=\(next)").read(Page<UserResource>.self)
        #expect(Set((first.items + second.items).map(\.id)) == made)
        #expect((first.items.count, second.items.count, second.next) == (2, 1, nil))
    }

    @Test("roles are replaced, and sessions are told to look again")
    func rolesSet() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser(roles: ["user"])
        let session = try await tenant.makeSession(user)
        let path = "\(Self.users)/\(user.id)/roles"
        #expect(try await world.ask(.put, path, #"{"roles":["admn"]}"#).problem().code == "role-unknown")
        #expect(try await world.ask(.put, path, "{}").problem().code == "field-missing")
        #expect(world.told().notices.isEmpty)
        let changed = try await world.ask(.put, path, #"{"roles":["admin"]}"#).read(UserResource.self)
        #expect(changed.roles == ["admin"])
        #expect(world.told().notices == [.changed(user: user.id, of: tenant.tenant)])
        #expect(try await tenant.sessions.list(of: user.id).map(\.id) == [session.id])
        #expect(try await tenant.lastEntry().action == "user.roles-set")
    }

    @Test("a new password ends every session")
    func passwordSet() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeSession(user)
        let path = "\(Self.users)/\(user.id)/password"
        #expect(try await world.ask(.put, path, #"{"password":"short"}"#).problem().code == "password-refused")
        #expect(try await tenant.sessions.list(of: user.id).count == 1)
        #expect(await world.ask(.put, path, #"{"password":"Correct-Horse-9"}"#).head.status == .ok)
        #expect(world.told().notices == [.ended(.user(user.id, of: tenant.tenant))])
        #expect(try await tenant.sessions.list(of: user.id).isEmpty)
        #expect(try await tenant.lastEntry().action == "user.password-set")
    }

    @Test("a disabled user has no session left, and comes in again when enabled")
    func disabledAndEnabled() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        _ = try await tenant.makeSession(user)
        let disabled = try await world.ask(.post, "\(Self.users)/\(user.id)/disable").read(UserResource.self)
        #expect(disabled.state == "disabled")
        #expect(world.told().notices == [.ended(.user(user.id, of: tenant.tenant))])
        #expect(try await tenant.sessions.list(of: user.id).isEmpty)
        #expect(try await tenant.lastEntry().action == "user.disabled")
        let enabled = try await world.ask(.post, "\(Self.users)/\(user.id)/enable").read(UserResource.self)
        #expect(enabled.state == "active")
        #expect(try await tenant.lastEntry().action == "user.enabled")
    }

    @Test("an invited user cannot be enabled past the invitation")
    func invited() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser(state: .invited)
        #expect(try await world.ask(.post, "\(Self.users)/\(user.id)/enable").problem().code == "user-invited")
        #expect(try await tenant.users.find(user.id)?.state == .invited)
    }

    @Test(
        "a user who is not there, or is another tenant's, is unknown to every endpoint",
        arguments: ["roles", "password", "disable", "enable", ""])
    func unknownUser(endpoint: String) async throws {
        let world = try await APIWorld()
        try await world.makeTenant()
        let foreign = try await world.makeTenant("globex").makeUser()
        let path = "\(Self.users)/\(foreign.id)" + (endpoint.isEmpty ? "" : "/\(endpoint)")
        let answer =
            switch endpoint {
            case "roles": await world.ask(.put, path, #"{"roles":[]}"#)
            case "password": await world.ask(.put, path, #"{"password":"Correct-Horse-9"}"#)
            case "": await world.ask(.get, path)
            default: await world.ask(.post, path)
            }
        let problem = try answer.problem()
        #expect((problem.status, problem.code) == (404, "user-unknown"))
        #expect(try await world.ask(.get, "\(Self.users)/x").problem().code == "input-malformed")
        #expect(world.told().notices.isEmpty)
    }
}
