import Access
import Core
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("Users move in line by line")
struct ImportEndpointTests {
    private static let path = "/tenants/acme/user-import"
    private static let hash = "pbkdf2_sha256$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let id = "6f2c1b6e-7d3a-4c55-9a53-0a8b4d1f0c11"

    private func send(_ lines: [String], to world: APIWorld, query: String = "") async throws -> [ImportResource.Line] {
        var body = Array(#"{"lines":["#.utf8)
        for (index, line) in lines.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            JSONString.append(Array(line.utf8).span, to: &body)
        }
        body += Array("]}".utf8)
        let answer = await world.ask(.post, Self.path + query, String(decoding: body, as: UTF8.self))
        try #require(answer.head.status == .ok)
        return try answer.read(ImportResource.self).lines
    }

    @Test("a line becomes a user with everything that stands in it, and the same line again changes nothing")
    func made() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant(roles: ["auditor"])
        let line =
            #"{"id":"\#(Self.id)","external_id":"4711","email":" Erika@Acme.example","name":"Erika","#
            + #""roles":["admin","auditor"],"password_hash":"\#(Self.hash)"}"#
        let made = try await send([line], to: world)
        #expect(made.map(\.status) == ["created"] && made.first?.id == Self.id)
        let id = try #require(UserID(Self.id))
        let user = try #require(try await tenant.users.find(id))
        #expect((user.email, user.name, user.externalID) == ("Erika@Acme.example", "Erika", "4711"))
        #expect(user.roles.map(\.text) == ["admin", "auditor"])
        #expect(user.state == .active && user.passwordHash?.text == Self.hash)
        let entry = try await tenant.lastEntry()
        #expect((entry.action, entry.actor, entry.subject) == ("user.imported", .operator, user.id))
        #expect(entry.publicDetails == [.init("roles", "admin,auditor"), .init("password", "brought")])
        #expect(try await send([line], to: world).map(\.status) == ["unchanged"])
        #expect(try await tenant.users.find(user.id) == user)
    }

    @Test("a line needs an address and a name alone")
    func least() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let made = try await send([#"{"email":"e@acme.example","name":"E","roles":null}"#], to: world)
        #expect(made.map(\.status) == ["created"])
        let user = try #require(try await tenant.users.list().first)
        #expect(made.first?.id == user.id.description && !user.hasPassword && user.roles.isEmpty)
    }

    @Test(
        "a line that is at fault says which field and why, and the others are taken",
        arguments: [
            ("", "value-refused", nil), ("nonsense", "input-malformed", nil), ("[]", "input-malformed", nil),
            (#"{"name":"E"}"#, "field-missing", "email"), (#"{"email":"e@acme.example"}"#, "field-missing", "name"),
            (#"{"email":"e","name":"E"}"#, "value-refused", "email"),
            (#"{"email":"e@acme.example","name":"E","id":"17"}"#, "value-refused", "id"),
            (#"{"email":"e@acme.example","name":"E","id":17}"#, "input-malformed", nil),
            (#"{"email":"e@acme.example","name":"E","external_id":""}"#, "value-refused", "external_id"),
            (#"{"email":"e@acme.example","name":"E","roles":["admn"]}"#, "role-unknown", "roles"),
            (#"{"email":"e@acme.example","name":"E","roles":"admin"}"#, "value-refused", "roles"),
            (#"{"email":"e@acme.example","name":"E","password_hash":"secret"}"#, "value-refused", "password_hash"),
            (#"{"email":"e@acme.example","name":"E","password":"secret"}"#, "field-unknown", "password"),
            (#"{"email":"TAKEN@acme.example","name":"E","id":"\#(Self.id)"}"#, "email-taken", "email"),
            (#"{"email":"good@acme.example","name":"E","id":"\#(Self.id)"}"#, "email-taken", "email"),
        ] as [(String, String, String?)])
    func refused(line: String, code: String, field: String?) async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        _ = try await tenant.makeUser("taken@acme.example")
        let good = #"{"email":"good@acme.example","name":"Good"}"#
        let outcome = try await send([good, line], to: world)
        #expect(outcome.map(\.status) == ["created", "refused"])
        #expect((outcome[1].code, outcome[1].field) == (code, field))
        #expect(outcome[1].detail?.isEmpty == false && outcome[1].detail?.contains("secret") == false)
        #expect(try await tenant.users.list().count == 2)
    }

    @Test("a misspelt role or field finds the one that was meant")
    func suggestions() async throws {
        let world = try await APIWorld()
        try await world.makeTenant()
        let outcome = try await send(
            [
                #"{"email":"e@acme.example","name":"E","roles":["admn"]}"#,
                #"{"email":"e@acme.example","name":"E","passwordhash":"x"}"#,
            ], to: world)
        #expect(outcome.map(\.suggestion) == ["admin", "password_hash"])
    }

    @Test("a dry run tells the same and makes nobody")
    func trial() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let lines = [#"{"email":"e@acme.example","name":"E"}"#, #"{"email":"e"}"#]
        #expect(try await send(lines, to: world, query: "?dry_run=true").map(\.status) == ["created", "refused"])
        #expect(try await tenant.users.list().isEmpty)
        #expect(try await tenant.audit.entries().isEmpty)
    }

    @Test("an unknown tenant, no lines and too many of them are refused")
    func malformed() async throws {
        let world = try await APIWorld()
        #expect(try await world.ask(.post, Self.path, #"{"lines":[]}"#).problem().code == "tenant-unknown")
        try await world.makeTenant()
        #expect(try await world.ask(.post, Self.path, "{}").problem().code == "field-missing")
        let lines = String(repeating: #""x","#, count: 500) + #""x""#
        #expect(try await world.ask(.post, Self.path, #"{"lines":[\#(lines)]}"#).problem().code == "value-refused")
        #expect(
            try await world.ask(.post, Self.path + "?dry_run=1", #"{"lines":[]}"#).problem().code == "value-refused")
    }
}
