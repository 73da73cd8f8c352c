import Core
import HostCrypto
import SAML
import Store
import Testing

@testable import Login

@Suite("Signing in by a provider")
struct SSOSignInTests {
    @Test("an answer to this browser's request begins a session that knows where it came from")
    func session() async throws {
        let world = try await SSOWorld()
        let outcome = try await world.answer()
        guard case .proceeds(.signedIn(let session), let arrival) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(arrival.returnTo?.target == "/inbox" && arrival.email == LoginWorld.email)
        let stored = try await world.stored(session)
        #expect(stored.factors.map(\.factor) == [.sso])
        let origin = await world.sso.origin(of: session.handle, in: world.id)
        #expect(
            origin
                == SessionOrigin(
                    connection: world.name, entityID: TestProvider.usual, subject: "u-4711",
                    format: NameIDFormat.persistent.rawValue, sessionIndex: "_s1"))
        #expect(world.sso.metrics.signedIn == 1 && world.sso.metrics.provisioned == 1)
        #expect(try await world.actions().suffix(3) == ["user.created", "account.linked", "login.succeeded"])
    }

    @Test("the request carries what the connection asks for, and the way back stays in the cookie")
    func request() async throws {
        let world = try await SSOWorld { $0.forcesAuthentication = true }
        let departure = await world.sso.begin(
            world.name, of: world.id, returnTo: SafeRedirect("/inbox"), isRemembered: true, language: "de")
        guard case .leaves(.redirect(let address), let attempt) = departure else {
            Issue.record("\(departure)")
            return
        }
        #expect(address.hasPrefix("https://idp.example/sso?SAMLRequest="))
        #expect(address.contains("&RelayState=\(attempt.relayState)&") && !address.contains("inbox"))
        #expect(attempt.forcedSince == world.now && attempt.isRemembered && attempt.language == "de")
        #expect(attempt.requestID.hasPrefix("_") && attempt.relayState.utf8.count == 22)
        #expect(world.sso.metrics.begun == 1)
    }

    @Test("a provider that takes forms alone is asked by a form; one without an address not at all")
    func bindings() async throws {
        let provider = try TestProvider()
        let world = try await SSOWorld {
            $0.metadata = .file(document: provider.metadata(signOnBinding: .post), path: "okta.xml")
        }
        let departure = await world.sso.begin(
            world.name, of: world.id, returnTo: nil, isRemembered: false, language: "")
        guard case .leaves(.post(let form), let attempt) = departure else {
            Issue.record("\(departure)")
            return
        }
        #expect(form.address == "https://idp.example/sso" && form.field == "SAMLRequest")
        #expect(form.relayState == attempt.relayState)
        let other = try #require(ConnectionName("other"))
        #expect(
            await world.sso.begin(other, of: world.id, returnTo: nil, isRemembered: false, language: "") == .unknown)
    }

    @Test("an answer counts once, and so does an assertion")
    func replay() async throws {
        let world = try await SSOWorld()
        let attempt = try await world.attempt()
        let response = TestResponse(now: world.now, answers: attempt.requestID)
        let field = world.provider.field(response)
        let first = await world.receive(field, relayState: attempt.relayState, attempts: [attempt])
        #expect(first.session != nil)
        let again = await world.receive(field, relayState: attempt.relayState, attempts: [attempt])
        #expect(again.refusal == "assertion-replayed")
        // Another assertion to the same request.
        let other = await world.receive(
            world.provider.field(response.but { $0.id = "_other" }), relayState: attempt.relayState,
            attempts: [attempt])
        #expect(other.refusal == "assertion-replayed")
        #expect(try await world.answer().session != nil)
    }

    @Test("an assertion that a provider begins counts once, too")
    func unsolicitedReplay() async throws {
        let world = try await SSOWorld { $0.idpInitiated = .accept }
        let field = world.provider.field(TestResponse(now: world.now, answers: nil))
        #expect(await world.receive(field, relayState: nil, attempts: []).session != nil)
        #expect(await world.receive(field, relayState: nil, attempts: []).refusal == "assertion-replayed")
    }

    @Test("what another tenant's provider signs is worth nothing, whatever it calls itself")
    func foreign() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer(provider: TestProvider("stranger")).refusal == "signature-invalid")
        let other = try TestProvider(entityID: "https://other.example/metadata")
        #expect(try await world.answer(provider: other).refusal == "issuer-mismatch")
        #expect(try await world.answer().session != nil)
    }

    @Test("an answer without the cookie of the browser that began makes no session: a fresh start is offered")
    func otherBrowser() async throws {
        for way in IdPInitiated.allCases {
            let world = try await SSOWorld { $0.idpInitiated = way }
            let (mine, theirs) = (try await world.attempt(), try await world.attempt())
            for cookie in [[], [theirs]] {
                let outcome = try await world.answer(mine, cookie: cookie)
                #expect(outcome == .startAgain(reason: "attempt-unknown"))
            }
            // The right cookie, and the relay state of another attempt in it.
            let crossed = try await world.answer(mine, relayState: theirs.relayState, cookie: [mine, theirs])
            #expect(crossed.refusal == "in-response-to-mismatch")
            #expect(try await world.answer(mine, cookie: [theirs, mine]).session != nil)
        }
    }

    @Test("what a provider begins is refused, asked for anew, or taken, as the connection says")
    func unsolicited() async throws {
        let closed = try await SSOWorld()
        #expect(await closed.unsolicited().refusal == "idp-initiated-disabled")
        let restarting = try await SSOWorld { $0.idpInitiated = .restart }
        #expect(await restarting.unsolicited(relayState: "/x") == .restart(returnTo: SafeRedirect("/x")))
        #expect(await restarting.unsolicited(relayState: "//evil.example") == .restart(returnTo: nil))
        let open = try await SSOWorld { $0.idpInitiated = .accept }
        guard case .proceeds(.signedIn, let arrival) = await open.unsolicited(relayState: "https://evil.example") else {
            Issue.record("no session")
            return
        }
        #expect(arrival.returnTo == nil && arrival.attemptID == nil)
    }

    @Test("a connection that is disabled or gone between request and answer is unknown")
    func disabled() async throws {
        let world = try await SSOWorld()
        let attempt = try await world.attempt()
        world.settings.change { $0[0].isEnabled = false }
        #expect(try await world.answer(attempt) == .unknown)
        #expect(world.sso.offers(at: world.id).isEmpty)
        world.settings.change { $0[0].isEnabled = true }
        #expect(try await world.answer(attempt).session != nil)
        #expect(world.sso.offers(at: world.id).map(\.displayName) == ["Okta"])
    }

    @Test("a proof by a connection that is disabled before the second factor is worth nothing")
    func disabledLater() async throws {
        let world = try await SSOWorld()
        guard let session = try await world.answer().session else { throw Missing() }
        let user = try #require(try await world.tenant.users.find(session.user))
        let proof = SSOProof(
            connection: world.name, entityID: TestProvider.usual, subject: "u-4711", format: "", provedAt: world.now)
        var member = ProvedMember(
            tenant: world.id, user: user.id, epoch: user.epoch, at: world.now, first: .sso, sso: proof)
        #expect(try await world.login.standing(of: member) != nil)
        world.settings.change { $0[0].isEnabled = false }
        #expect(try await world.login.standing(of: member) == nil)
        world.settings.change { $0[0].isEnabled = true }
        member.sso = nil
        #expect(try await world.login.standing(of: member) == nil)
    }

    @Test("who was asked to sign in anew must have done so")
    func forced() async throws {
        let world = try await SSOWorld { $0.forcesAuthentication = true }
        let now = world.now
        let old = try await world.answer { $0.authenticatedAt = now.advanced(back: .minutes(5)) }
        #expect(old.refusal == "authentication-too-old")
        let session = try #require(try await world.answer().session)
        #expect(try await world.stored(session).provedAt(.sso) == now)
    }

    @Test("a proof is as old as the sign-in at the provider; it is none of the last minutes then")
    func ageOfProof() async throws {
        let world = try await SSOWorld()
        let then = world.now.advanced(back: .hours(2))
        let session = try #require(try await world.answer { $0.authenticatedAt = then }.session)
        #expect(try await world.stored(session).provedAt(.sso) == then)
        let account = MemberAccount(
            store: world.base.store, settings: { [values = world.base.settings] in values.value },
            now: { [clock = world.base.clock] in clock.wall() })
        let holder = AccountHolder(tenant: world.id, user: session.user, session: session.handle)
        #expect(try await !account.hasRecentProof(holder))
        let fresh = try #require(try await world.answer().session)
        let other = AccountHolder(tenant: world.id, user: fresh.user, session: fresh.handle)
        #expect(try await account.hasRecentProof(other))
    }

    @Test("the end of the provider's session is the end of ours, where it comes first")
    func sessionEnd() async throws {
        let world = try await SSOWorld()
        let end = world.now.advanced(by: .minutes(20))
        let short = try #require(try await world.answer { $0.sessionEnd = end }.session)
        #expect(short.expiresAt == end)
        #expect(try await world.stored(short).expiresAt == end)
        let far = world.now.advanced(by: .hours(1000))
        let long = try #require(try await world.answer { $0.sessionEnd = far }.session)
        #expect(long.expiresAt == world.now.advanced(by: SessionSettings().absolute))
    }

    @Test("the authentication context that the connection asks for must be given")
    func context() async throws {
        let strong = "https://refeds.org/profile/mfa"
        let world = try await SSOWorld { $0.contexts = [strong] }
        #expect(try await world.answer().refusal == "authentication-context")
        #expect(try await world.answer { $0.context = strong }.session != nil)
    }

    @Test("a second factor is asked for as after a password, unless the provider's counts")
    func secondFactor() async throws {
        let world = try await SSOWorld()
        try await world.changeTenant { $0.secondFactor = .required }
        guard case .proceeds(.enrol(let step), _) = try await world.answer() else {
            Issue.record("no enrolment")
            return
        }
        #expect(step.member.first == .sso && step.member.sso?.subject == "u-4711")
        world.settings.change { $0[0].countsAsMFA = true }
        let session = try #require(try await world.answer().session)
        #expect(try await world.stored(session).factors.map(\.factor) == [.sso, .mfa])
    }

    @Test("a proof travels in the sealed attempt with all that its session needs")
    func travels() async throws {
        let world = try await SSOWorld()
        try await world.changeTenant { $0.secondFactor = .required }
        let end = world.now.advanced(by: .hours(1))
        let outcome = try await world.answer { $0.sessionEnd = end }
        guard case .proceeds(.enrol(let step), _) = outcome else {
            Issue.record("no enrolment")
            return
        }
        let seal = LoginAttemptSeal(forms: world.base.store.forms)
        var attempt = LoginAttempt.begun(at: world.now)
        attempt.proved = [step.member]
        let text = seal.seal(attempt, browser: "b1", host: SSOWorld.host)
        let opened = try #require(seal.open(text, browser: "b1", host: SSOWorld.host, now: world.now))
        #expect(opened == attempt && opened.proved.first?.sso?.endsAt == end)
    }

    @Test("the device that the attempt carries is known the next time")
    func device() async throws {
        let world = try await SSOWorld()
        let first = try #require(try await world.answer().session)
        var attempt = try await world.attempt()
        attempt.deviceToken = first.deviceToken
        let second = try #require(try await world.answer(attempt).session)
        #expect(second.deviceToken == first.deviceToken)
        let third = try #require(try await world.answer().session)
        #expect(third.deviceToken != first.deviceToken)
    }

    @Test("answers that lead nowhere leave on their step, successes at once")
    func pacing() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer().session != nil)
        #expect(world.base.holds.value.isEmpty)
        #expect(try await world.answer { $0.audience = "https://other.example" }.refusal == "audience-mismatch")
        #expect(world.base.holds.value.count == 1)
    }

    @Test("nobody signs in at a tenant that is closed, nor where its rule names no SAML")
    func closed() async throws {
        let world = try await SSOWorld()
        try await world.changeTenant { $0.signIn.methods = [.password] }
        #expect(try await world.answer().refusal == "account-changed")
        try await world.changeTenant { $0.signIn.methods = [.saml] }
        #expect(try await world.answer().session != nil)
        let attempt = try await world.attempt()
        try await world.changeTenant { $0.state = .suspended }
        #expect(try await world.answer(attempt) == .unknown)
    }
}

extension WallTime {
    /// So much earlier.
    func advanced(back duration: Milliseconds) -> WallTime {
        WallTime(milliseconds: milliseconds - Int64(duration.count))
    }
}
