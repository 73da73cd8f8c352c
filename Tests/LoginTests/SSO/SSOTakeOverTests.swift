import Core
import HostCrypto
import SAML
import Store
import Testing

@testable import Login

@Suite("Accounts that a provider's word does not hand over")
struct SSOTakeOverTests {
    private static let chief = "ceo@acme.example"

    private func chief(_ response: inout TestResponse) {
        response.subject = "u-1"
        response.attributes = [("mail", [Self.chief])]
    }

    @Test("an answer that this browser did not ask for offers no link: the provider is asked from this browser")
    func unsolicitedLink() async throws {
        let world = try await SSOWorld { $0.idpInitiated = .accept }
        let user = try await world.base.makeUser(world.tenant)
        #expect(await world.unsolicited(relayState: "/x") == .restart(returnTo: SafeRedirect("/x")))
        #expect(try await world.tenant.connections.links(of: user.id).isEmpty)
        #expect(world.sso.metrics.restarted == 1)
        // Asked for, it does; and once linked, what is not asked for is taken as before.
        let link = try #require(try await world.answer().pending)
        let session = try #require(try await world.base.signIn().session)
        #expect(await world.sso.completeLink(link, by: session, visit: try world.visit()))
        #expect(await world.unsolicited().session?.user == user.id)
    }

    @Test("an account whose member chose the address is linked by that member's own sign-in alone")
    func chosenAddress() async throws {
        for password in [LoginWorld.password, nil] {
            let world = try await SSOWorld()
            let max = try await world.base.makeUser(world.tenant, email: "max@acme.example", password: password)
            try await world.tenant.users.setEmail(
                Self.chief, of: max.id, isOwnChange: true, audit: entry("account.email-changed", subject: max.id),
                at: world.now)
            try await world.changeTenant { $0.signIn.ssoDomains = .enforced }
            #expect(try await world.answer { chief(&$0) }.isLink)
            #expect(try await world.tenant.connections.links(of: max.id).isEmpty)
            // An address that was given to them is another matter.
            for email in ["max@acme.example", Self.chief] {
                try await world.tenant.users.setEmail(
                    email, of: max.id, audit: entry("user.email-changed", subject: max.id), at: world.now)
            }
            #expect(try await world.answer { chief(&$0) }.session?.user == max.id)
        }
    }

    @Test("an account that is linked without its member's word ends what it had: sessions, devices and proofs")
    func endsSessions() async throws {
        let world = try await SSOWorld()
        let user = try await world.base.makeUser(world.tenant)
        let former = try #require(try await world.base.signIn().session)
        let device = try #require(
            SessionTokens.deviceDigest(former.deviceToken, forms: world.base.store.forms))
        #expect(try await world.tenant.devices.isKnown(device, to: user.id, at: world.now))
        try await world.changeTenant { $0.signIn.ssoDomains = .enforced }
        let session = try #require(try await world.answer().session)
        #expect(session.user == user.id)
        let id = try #require(RowID(former.handle.description))
        #expect(try await world.tenant.sessions.find(id) == nil)
        #expect(try await !world.tenant.devices.isKnown(device, to: user.id, at: world.now))
        let ending = SessionNotice.ended(.user(user.id, of: world.id))
        #expect(world.notices.value.first == ending)
        #expect(try await world.stored(session).epoch == user.epoch + 1)
        // The next sign-in is that of a linked account, and ends nothing.
        #expect(try await world.answer().session != nil)
        #expect(try await world.stored(session).user == user.id)
        #expect(world.notices.value.filter { $0 == ending }.count == 1)
    }

    @Test("a session that is written after its connection went out of use does not begin")
    func disabledMeanwhile() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let user = try #require(try await world.tenant.users.find(session.user))
        let link = try #require(try await world.tenant.connections.links(of: user.id).first)
        let member = ProvedMember(
            tenant: world.id, user: user.id, epoch: user.epoch, at: world.now, first: .sso,
            sso: SSOProof(
                connection: world.name, entityID: TestProvider.usual, subject: link.subject, format: link.format,
                provedAt: world.now))
        let standing = try #require(try await world.login.standing(of: member))
        let visit = LoginVisit(
            client: try clientAddress("203.0.113.7"), deviceToken: nil, userAgent: "Firefox",
            forms: world.base.store.forms)
        world.settings.change { $0[0].isEnabled = false }
        let outcome = try await world.login.start(member, standing, visit)
        #expect(outcome.session == nil)
        let left = try await world.tenant.sessions.list(of: user.id).map(\.id.description)
        #expect(left == [session.handle.description])
        world.settings.change { $0[0].isEnabled = true }
        #expect(try await world.login.start(member, standing, visit).session != nil)
    }

    @Test(
        "an address with what does not show, or with what is looked up as another character, is none",
        arguments: [
            "erika\u{200B}@acme.example", "erika\u{202E}@acme.example", "er\u{00AD}ika@acme.example",
            "erika\u{FE0F}@acme.example", "erika\u{3164}@acme.example", "erika\u{E000}@acme.example",
            "eri\u{212A}a@acme.example", "er\u{0130}ka@acme.example", "erika@acme.exam\u{200B}ple",
            "erika.muster@\u{212A}.example",
        ])
    func misleading(_ address: String) async throws {
        let world = try await SSOWorld(domains: ["acme.example", "k.example"])
        #expect(try await world.answer { $0.attributes = [("mail", [address])] }.refusal == "email-malformed")
        let named = try await world.answer {
            $0.attributes = []
            $0.subject = address
            $0.format = .emailAddress
        }
        // A name that is no address at all is no malformed one either.
        #expect(["email-malformed", "email-missing"].contains(named.refusal))
    }

    @Test("an address is stored without the blanks around it; letters that are no ASCII are no fault of it")
    func spelling() async throws {
        let world = try await SSOWorld()
        let session = try #require(
            try await world.answer { $0.attributes = [("mail", ["\u{A0} J\u{FC}rgen@ACME.example\u{2028}"])] }.session)
        let user = try #require(try await world.tenant.users.find(session.user))
        #expect(Array(user.email.utf8) == Array("J\u{FC}rgen@ACME.example".utf8))
        #expect(user.name == "J\u{FC}rgen@ACME.example")
        let moved = try await world.answer { $0.attributes = [("mail", [" Juergen@acme.example\u{85}"])] }
        #expect(moved.session?.user == session.user)
        #expect(try await world.tenant.users.find(session.user)?.email == "Juergen@acme.example")
    }
}
