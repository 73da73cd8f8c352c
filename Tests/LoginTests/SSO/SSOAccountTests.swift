import Core
import HostCrypto
import SAML
import Store
import Testing

@testable import Login

@Suite("Whose account a provider's word is about")
struct SSOAccountTests {
    @Test("the account is found by connection and subject, whatever the address")
    func linked() async throws {
        let world = try await SSOWorld()
        let first = try #require(try await world.answer().session)
        let moved = try await world.answer { $0.attributes = [("mail", ["erika.neu@acme.example"])] }
        #expect(moved.session?.user == first.user)
        let user = try await world.tenant.users.find(first.user)
        #expect(user?.email == "erika.neu@acme.example")
        // The former address is somebody else's now, who is another subject.
        let other = try #require(try await world.answer { $0.subject = "u-4712" }.session)
        #expect(other.user != first.user)
    }

    @Test("an address outside the connection's domains is refused, for linked members too")
    func domain() async throws {
        let world = try await SSOWorld(domains: ["acme.example", "acme.test"])
        let foreign = [("mail", ["erika@other.example"])]
        #expect(try await world.answer { $0.attributes = foreign }.refusal == "email-domain")
        #expect(try await world.answer().session != nil)
        #expect(try await world.answer { $0.attributes = foreign }.refusal == "email-domain")
        // Of the tenant's domains those count that the connection names, and what it names beyond them does not.
        world.settings.change { $0[0].emailDomains = ["acme.test", "other.example"] }
        #expect(try await world.answer().refusal == "email-domain")
        #expect(try await world.answer { $0.attributes = foreign }.refusal == "email-domain")
        let other = try await world.answer {
            $0.subject = "u-1"
            $0.attributes = [("mail", ["max@acme.test"])]
        }
        #expect(other.session != nil)
    }

    @Test("a subdomain, a longer domain and another spelling of the domain are what they are")
    func domainSpelling() async throws {
        let world = try await SSOWorld()
        for address in ["a@evil-acme.example", "a@acme.example.evil.example", "a@sub.acme.example"] {
            #expect(try await world.answer { $0.attributes = [("mail", [address])] }.refusal == "email-domain")
        }
        #expect(try await world.answer { $0.attributes = [("mail", ["A@ACME.example"])] }.session != nil)
    }

    @Test("without an address, or with what is none, nobody new signs in; the NameID may be the address")
    func address() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer { $0.attributes = [] }.refusal == "email-missing")
        #expect(try await world.answer { $0.attributes = [("mail", ["none"])] }.refusal == "email-malformed")
        let named = try await world.answer {
            $0.attributes = []
            $0.subject = "max@acme.example"
            $0.format = .emailAddress
        }
        #expect(named.session != nil)
        // A linked member keeps the address that is known.
        #expect(try await world.answer().session != nil)
        #expect(try await world.answer { $0.attributes = [] }.session != nil)
    }

    @Test("a transient name is nobody, unless an attribute says who it is")
    func transient() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer { $0.format = .transient }.refusal == "subject-transient")
        world.settings.change { $0[0].attributes.subject = "uid" }
        #expect(try await world.answer { $0.format = .transient }.refusal == "subject-attribute-missing")
        let two = try await world.answer {
            $0.format = .transient
            $0.attributes.append(("uid", ["1", "2"]))
        }
        #expect(two.refusal == "subject-attribute-malformed")
        let first = try await world.answer {
            $0.format = .transient
            $0.subject = "t-1"
            $0.attributes.append(("uid", ["7"]))
        }
        let second = try await world.answer {
            $0.format = .transient
            $0.subject = "t-2"
            $0.attributes.append(("uid", ["7"]))
        }
        #expect(first.session != nil && first.session?.user == second.session?.user)
    }

    @Test("where accounts are not made, nobody new signs in")
    func existingOnly() async throws {
        let world = try await SSOWorld { $0.provisioning = .existingOnly }
        #expect(try await world.answer().refusal == "account-missing")
        let user = try await world.base.makeUser(world.tenant, password: nil)
        #expect(try await world.answer().session?.user == user.id)
    }

    @Test("a second subject does not come to a linked account")
    func second() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer().session != nil)
        #expect(try await world.answer { $0.subject = "u-2" }.refusal == "account-linked")
        #expect(try await world.answer().session != nil)
    }

    @Test("an account with a password is not taken over by an equal address: its member proves it once")
    func withPassword() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let outcome = try await world.answer()
        let link = try #require(outcome.pending)
        #expect(link.subject == "u-4711" && link.email == LoginWorld.email && link.connection == world.name)
        #expect(try await world.tenant.connections.links(of: user.id).isEmpty)
        #expect(world.sso.metrics.linked == 0)
    }

    @Test("an account that nobody can sign in to is joined: made by the operator, or invited")
    func withoutCredentials() async throws {
        let world = try await SSOWorld()
        let made = try await world.base.makeUser(world.tenant, password: nil)
        #expect(try await world.answer().session?.user == made.id)
        let invited = try await world.base.makeUser(
            world.tenant, email: "max@acme.example", password: nil, state: .invited)
        let session = try await world.answer {
            $0.subject = "u-5"
            $0.attributes = [("mail", ["max@acme.example"])]
        }.session
        #expect(session?.user == invited.id)
        #expect(try await world.tenant.users.find(invited.id)?.state == .active)
        #expect(try await world.actions().contains("invitation.accepted"))
    }

    @Test("where SSO is enforced an account with a password is joined; one that the rule excepts never is")
    func enforced() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let spare = try await world.base.makeUser(world.tenant, email: "it@acme.example")
        try await world.changeTenant {
            $0.signIn.ssoDomains = .enforced
            $0.signIn.breakGlass = ["it@acme.example"]
        }
        #expect(try await world.answer().session?.user == user.id)
        let outcome = try await world.answer {
            $0.subject = "u-9"
            $0.attributes = [("mail", ["it@acme.example"])]
        }
        #expect(outcome.isLink)
        #expect(try await world.tenant.connections.links(of: spare.id).isEmpty)
    }

    @Test("no account is made for an address that the tenant's rule excepts, nor does one come to it")
    func breakGlass() async throws {
        let world = try await SSOWorld()
        try await world.changeTenant { $0.signIn.breakGlass = ["it@acme.example"] }
        let excepted = [("mail", ["it@acme.example"])]
        #expect(try await world.answer { $0.attributes = excepted }.refusal == "account-missing")
        let session = try #require(try await world.answer().session)
        #expect(try await world.answer { $0.attributes = excepted }.session != nil)
        #expect(try await world.tenant.users.find(session.user)?.email == LoginWorld.email)
    }

    @Test("where neither password nor passkey is allowed, an account with an old password is joined")
    func methods() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        try await world.changeTenant { $0.signIn.methods = [.saml] }
        #expect(try await world.answer().session?.user == user.id)
    }

    @Test("an account of another connection is not joined by its address")
    func otherConnection() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant, password: nil)
        let entra = try #require(ConnectionName("entra"))
        try await world.tenant.connections.addLink(
            user.id, connection: entra, entityID: "https://entra.example", subject: "x", format: "",
            audit: entry("account.linked", subject: user.id), at: world.now)
        world.settings.change { list in
            var other = list[0]
            other.name = entra
            list.append(other)
        }
        #expect(try await world.answer().isLink)
        // It counts only as long as that connection is in use.
        world.settings.change { $0[1].isEnabled = false }
        #expect(try await world.answer().session?.user == user.id)
    }

    @Test("a disabled account is refused, linked or not")
    func disabled() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant, password: nil, state: .disabled)
        #expect(try await world.answer().refusal == "account-disabled")
        let linked = try #require(
            try await world.answer {
                $0.subject = "u-6"
                $0.attributes = [("mail", ["max@acme.example"])]
            }.session)
        try await world.tenant.users.update(
            linked.user, endingSessions: true, audit: entry("user.disabled", subject: linked.user), at: world.now
        ) { $0.state = .disabled }
        let again = try await world.answer {
            $0.subject = "u-6"
            $0.attributes = [("mail", ["max@acme.example"])]
        }
        #expect(again.refusal == "account-disabled")
        let records = try await world.tenant.audit.entries(limit: 200)
        #expect(
            records.filter { $0.action == "login.failed" }.map(\.subject) == [user.id, linked.user])
    }

    @Test("an address that somebody else has stays with them")
    func taken() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        try await world.base.makeUser(world.tenant, email: "max@acme.example")
        let moved = try await world.answer { $0.attributes = [("mail", ["max@acme.example"])] }
        #expect(moved.session?.user == session.user)
        #expect(try await world.tenant.users.find(session.user)?.email == LoginWorld.email)
    }
}
