import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Users are invited")
struct InvitationEndpointTests {
    private static let users = "/tenants/acme/users"

    private func body(_ more: String = "") -> String {
        #"{"email":"ida@acme.example","name":"Ida","roles":["admin"],"invite":true\#(more)}"#
    }

    @Test("with a mail: the user waits, the link is told to nobody but the mail, in the language that was asked for")
    func mailed() async throws {
        let world = try await APIWorld(hasMail: true)
        let tenant = try await world.makeTenant(hosts: ["acme.example.org"])
        let answer = await world.ask(.post, Self.users, body(#","language":"en""#))
        #expect(answer.head.status == .created)
        let made = try answer.read(UserResource.self)
        #expect((made.state, made.hasPassword, made.roles) == ("invited", false, ["admin"]))
        #expect(made.invitation?.link == nil && made.invitation?.isMailed == true)
        let letters = try await tenant.letters(at: moment(10))
        #expect(letters.map(\.kind) == ["invitation"] && letters.map(\.language) == ["en"])
        #expect(letters[0].recipient == "ida@acme.example")
        #expect(
            letters[0].fields["link"]?.hasPrefix("https://acme.example.org:8443/.gatehouse/invitation?token=acme.")
                == true)
        #expect(try await tenant.audit.entries().map(\.action) == ["user.created", "user.invited"])
    }

    @Test("with a printed link no mail is needed")
    func printed() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let made = try await world.ask(.post, Self.users, body(#","print_link":true"#)).read(UserResource.self)
        let invitation = try #require(made.invitation)
        #expect(invitation.link?.hasPrefix("https://app.example.org:8443/.gatehouse/invitation?token=acme.") == true)
        #expect(!invitation.isMailed)
        #expect(try await tenant.letters(at: moment(10)).isEmpty)
    }

    @Test(
        "what would reach nobody, or makes no sense, makes no user",
        arguments: [
            ("", "value-refused"), (#","print_link":"yes""#, "value-refused"),
            (#","print_link":true,"password":"Correct-Horse-9""#, "value-refused"),
            (#","print_link":true,"language":"fr""#, "value-refused"),
        ])
    func refused(more: String, code: String) async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        #expect(try await world.ask(.post, Self.users, body(more)).problem().code == code)
        #expect(try await tenant.users.list().isEmpty)
    }

    @Test("where nobody signs in by password nobody is invited to choose one, accounts for emergencies apart")
    func notAdmitted() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        for (glass, code) in [([], "value-refused"), (["ida@acme.example"], nil)] as [([String], String?)] {
            try await world.store.tenants.update(
                tenant.tenant, audit: AuditEntry(action: "tenant.changed", actor: .system), at: moment(5)
            ) { $0.signIn = SignInRule(methods: [], breakGlass: glass) }
            let answer = await world.ask(.post, Self.users, body(#","print_link":true"#))
            if let code {
                #expect(try answer.problem().code == code)
                #expect(try await tenant.users.list().isEmpty)
            } else {
                #expect(answer.head.status == .created)
            }
        }
    }

    @Test("a second invitation ends the first; nobody else is invited again")
    func again() async throws {
        let world = try await APIWorld(hasMail: true)
        let tenant = try await world.makeTenant()
        let made = try await world.ask(.post, Self.users, body(#","print_link":true"#)).read(UserResource.self)
        let path = "\(Self.users)/\(made.id)/invitation"
        let other = try await world.ask(.post, path, #"{"print_link":true}"#).read(UserResource.self)
        let links = try [made, other].map { resource in
            try #require(resource.invitation?.link.flatMap { LinkToken(String($0.split(separator: "=")[1])) })
        }
        #expect(links[0].text != links[1].text)
        #expect(try await tenant.letters(at: moment(10)).map(\.language) == ["de", "de"])
        let active = try await tenant.makeUser()
        #expect(
            try await world.ask(.post, "\(Self.users)/\(active.id)/invitation", "{}").problem().code
                == "user-not-invited")
        #expect(
            try await world.ask(.post, "\(Self.users)/\(UserID.random())/invitation", "{}").problem().code
                == "user-unknown")
    }

    @Test("a password can be set that must be changed, and shows so")
    func mustChange() async throws {
        let world = try await APIWorld()
        let tenant = try await world.makeTenant()
        let user = try await tenant.makeUser()
        let path = "\(Self.users)/\(user.id)/password"
        let set = await world.ask(.put, path, #"{"password":"Correct-Horse-9","must_change":true}"#)
        #expect(try set.read(UserResource.self).mustChangePassword)
        let again = await world.ask(.put, path, #"{"password":"Correct-Horse-9"}"#)
        #expect(try !again.read(UserResource.self).mustChangePassword)
        let refused = await world.ask(.put, path, #"{"password":"Correct-Horse-9","must_change":"no"}"#)
        #expect(try refused.problem().code == "value-refused")
    }
}
