import Access
import Core
import Foundation
import HTTPTypes
import Login
import Store
import Synchronization
import Testing

@testable import Portal

/// What the account pages ask of second factors, said by a test.
final class ScriptedFactors: Sendable {
    struct State {
        var list = MemberFactorList(
            apps: [], passkeys: [], recoveryCodesLeft: 0, isRequired: false, dueAt: nil, offersPasskeys: true,
            hasRecentProof: true, canProveAgain: true)
        var demand = EnrolmentDemand.none
        var creation: PasskeyCreation?
        var outcomes: [AddOutcome] = []
        var added: [(enrolment: FactorEnrolment, isSure: Bool)] = []
        var failure: (any Error)?
        var request = StepUpRequest(factors: [], passkey: nil)
        var stepUps: [StepUpOutcome] = []
        var proofs: [FactorProof] = []
        /// Happens while the next factor is being added.
        var meanwhile: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    static let creation = PasskeyCreation(
        realm: PasskeyRealm(rpID: "app.example.org", name: "Acme <GmbH>", origins: ["https://app.example.org"]),
        userHandle: [1, 2, 3], userName: "erika@acme.example", displayName: "Erika", excluded: [])

    var steps: FactorAccountSteps {
        FactorAccountSteps(
            list: { _ in self.with { $0.list } }, demand: { _, _ in self.with { $0.demand } },
            sendCode: { _, _ in .sent }, acceptCode: { _, _, _ in .wrong },
            creation: { _ in self.with { $0.creation } },
            add: { enrolment, _, isSure, _ in
                let meanwhile = self.with { state in
                    defer { state.meanwhile = nil }
                    return state.meanwhile
                }
                await meanwhile?()
                if let failure = self.with({ $0.failure }) { throw failure }
                return self.with { state in
                    state.added.append((enrolment, isSure))
                    return state.outcomes.isEmpty ? .fault(.wrong) : state.outcomes.removeFirst()
                }
            },
            rename: { _, _, _ in }, remove: { _, _, _ in }, newRecoveryCodes: { _, _ in [] },
            stepUpRequest: { _ in self.with { $0.request } },
            stepUp: { proof, _, _ in
                self.with { state in
                    state.proofs.append(proof)
                    return state.stepUps.isEmpty ? .wrong(.notThisPasskey) : state.stepUps.removeFirst()
                }
            })
    }

    /// A member in front of these.
    func member() async throws -> SignedInMember {
        with { $0.creation = Self.creation }
        var member = try await SignedInMember()
        var services = member.world.services
        services.factorAccount = steps
        var browser = PortalBrowser(
            member.world, router: .standard(pages: try pages(), securityText: nil, services: services))
        (browser.hostTenant, browser.cookies) = (LoginWorld.acme, member.browser.cookies)
        member.browser = browser
        return member
    }

    /// A session of the member with a new token.
    static func renewed(_ member: SignedInMember) async throws -> RenewedSession {
        let handle = try #require(try await member.world.session(member.token)?.handle)
        return RenewedSession(
            token: "new.token", handle: handle, digest: [7], expiresAt: member.world.services.now(),
            isRemembered: false)
    }

    /// What the script would send.
    static let registration =
        #"{"id":"AQID","clientDataJSON":"BAUG","attestationObject":"BwgJ","transports":["usb","hybrid"]}"#
    static let assertion = #"{"id":"AQID","clientDataJSON":"BAUG","authenticatorData":"BwgJ","signature":"CgsM"}"#
}

@Suite("Passkeys, in the account")
struct PasskeyPageTests {
    private let page = SignedInMember.factors + "/passkey"

    @Test("the page asks the browser with the ceremony's challenge, by our one script and no other")
    func asked() async throws {
        var member = try await ScriptedFactors().member()
        let form = await member.browser.get(page)
        #expect(form.heading == "Add a passkey")
        #expect(form.html.contains(" data-passkey=\"create\" "))
        let text = try #require(form.html.between(" data-options=\"", "\"")).replacing("&quot;", with: "\"")
        let options = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let seal = FactorCeremonySeal(forms: member.world.store.forms)
        let handle = try #require(try await member.world.session(member.token)?.handle)
        let ceremony = try #require(
            seal.open(
                form.fields["ceremony"] ?? "", session: handle, host: "app.example.org",
                now: member.world.services.now()))
        #expect(options["challenge"] as? String == Base64.encode(ceremony.challenge, alphabet: .url))
        #expect(ceremony.secret == nil && !ceremony.isSure)
        let policy = form.response.head.headerFields[values: .contentSecurityPolicy]
        #expect(policy.count == 1)
        #expect(policy[0].contains("script-src 'sha256-") && !policy[0].contains("unsafe"))
        #expect(form.html.contains("<p data-without-passkeys>This browser cannot create passkeys"))
        #expect(await member.browser.get(SignedInMember.factors).html.contains("<script") == false)
    }

    @Test("what the browser made is added under its name, once, and the way back is kept")
    func added() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let form = await member.browser.get(page + "?return_to=/admin/")
        let renewed = try await ScriptedFactors.renewed(member)
        factors.with { $0.outcomes = [.added(recoveryCodes: nil, renewed: renewed)] }
        let done = await member.browser.submit(form, ["passkey": ScriptedFactors.registration, "name": "Schlüssel"])
        #expect(done.location == "/admin/")
        #expect(done.setCookies == ["__Host-gatehouse=new.token; Path=/; Secure; HttpOnly; SameSite=Lax"])
        #expect(member.world.with { $0.notices } == [.renewed(renewed.handle, digest: [7])])
        let added = factors.with { $0.added }
        guard case .passkey(let answer, let challenge, let transports, let name)? = added.first?.enrolment else {
            Issue.record("no passkey was added")
            return
        }
        #expect(answer == PasskeyRegistration(clientDataJSON: [4, 5, 6], attestationObject: [7, 8, 9]))
        #expect(challenge.count == 32)
        #expect(transports == ["usb", "hybrid"])
        #expect(name == "Schlüssel")
    }

    @Test("a form that is sent a second time while the first is under way adds nothing")
    func atOnce() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let form = await member.browser.get(page)
        let renewed = try await ScriptedFactors.renewed(member)
        let second = Mutex<PortalBrowser.Page?>(nil)
        let twin = member.browser
        factors.with { state in
            state.outcomes = [.added(recoveryCodes: ["AAAA-BBBB"], renewed: renewed)]
            state.meanwhile = {
                var twin = twin
                let page = await twin.submit(form, ["passkey": ScriptedFactors.registration])
                second.withLock { $0 = page }
            }
        }
        let first = await member.browser.submit(form, ["passkey": ScriptedFactors.registration])
        #expect(first.html.contains("<code>AAAA-BBBB</code>"))
        #expect(second.withLock { $0?.location } == SignedInMember.factors + "?done=repeated")
        #expect(factors.with { $0.added.count } == 1)
    }

    @Test("where the store leaves open what has become of it, the form is not tried again")
    func unknownEnd() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let form = await member.browser.get(page)
        factors.with { $0.failure = StoreFault.closed }
        let failed = await member.browser.submit(form, ["passkey": ScriptedFactors.registration])
        #expect(failed.status == 503)
        factors.with { $0.failure = nil }
        let again = await member.browser.submit(form, ["passkey": ScriptedFactors.registration])
        #expect(again.location == SignedInMember.factors + "?done=repeated")
        #expect(factors.with { $0.added.isEmpty })
    }

    @Test(
        "what went wrong is said in words, and the page asks again",
        arguments: [
            (FactorFault.taken, "This passkey is in use already."),
            (.userVerification, "Your device has not checked that it is you."), (.tooMany, "as many as can be kept"),
            (.wrong, "The passkey cannot be used here."),
        ])
    func faults(fault: FactorFault, words: String) async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let form = await member.browser.get(page)
        factors.with { $0.outcomes = [.fault(fault)] }
        let refused = await member.browser.submit(form, ["passkey": ScriptedFactors.registration, "name": "N"])
        #expect(refused.status == 422)
        #expect(refused.html.contains("<a href=\"#create\" id=\"fault\">"))
        #expect(refused.html.contains(words))
        #expect(refused.fields["name"] == "N")
        #expect(refused.html.contains(" data-passkey=\"create\" "))
    }

    @Test("what is no answer of a browser is not looked at", arguments: ["", "{}", "[]", "{\"id\":1}", "x"])
    func unreadable(answer: String) async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        #expect(await member.browser.submit(await member.browser.get(page), ["passkey": answer]).status == 422)
        #expect(factors.with { $0.added.isEmpty })
    }

    @Test("an expired ceremony, an old proof, a missing code and a throttle each lead on")
    func outcomes() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let form = await member.browser.get(page)
        factors.with { state in
            state.outcomes = [
                .fault(.expired), .codeNeeded(.mailable), .throttled(retryAfter: .minutes(3)), .proofTooOld,
            ]
        }
        let places = [page + "?done=expired", SignedInMember.factors + "/code?next=passkey", nil]
        for place in places {
            // Each is another try: what is not done does not use the ceremony up.
            let answer = await member.browser.submit(form, ["passkey": ScriptedFactors.registration])
            #expect(answer.location == place)
            if place == nil { #expect(answer.status == 429) }
        }
        let proof = await member.browser.submit(form, ["passkey": ScriptedFactors.registration])
        #expect(proof.location == "/.gatehouse/account/proof?return_to=\(page)")
    }

    @Test("where there are no passkeys nobody is led to them")
    func notOffered() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        factors.with { state in
            state.list = MemberFactorList(
                apps: [], passkeys: [], recoveryCodesLeft: 0, isRequired: true, dueAt: nil, offersPasskeys: false,
                hasRecentProof: true, canProveAgain: true)
        }
        let list = await member.browser.get(SignedInMember.factors)
        #expect(SignedInMember.links(list, below: page).isEmpty)
        #expect(list.html.contains("Your organisation asks for a second factor."))
        #expect(await member.browser.get(page).location == SignedInMember.factors)
        factors.with { state in
            state.list = MemberFactorList(
                apps: [], passkeys: [], recoveryCodesLeft: 0, isRequired: true,
                dueAt: WallTime(milliseconds: LoginWorld.start), offersPasskeys: false, hasRecentProof: true,
                canProveAgain: true)
        }
        let due = await member.browser.get(SignedInMember.factors)
        #expect(due.html.contains("Add one before 21 November 2025, 22:00 UTC."))
    }

    @Test("the list says of a passkey whether it is kept on more than one device")
    func kept() async throws {
        let factors = ScriptedFactors()
        var member = try await factors.member()
        let now = member.world.services.now()
        factors.with { state in
            let passkeys = [true, false].map { isBackedUp in
                MemberFactor(
                    id: RowID(at: now), kind: .passkey, name: "K", createdAt: now, usedAt: isBackedUp ? now : nil,
                    isBackedUp: isBackedUp)
            }
            state.list = MemberFactorList(
                apps: [], passkeys: passkeys, recoveryCodesLeft: 4, isRequired: false, dueAt: nil,
                offersPasskeys: true, hasRecentProof: true, canProveAgain: true)
        }
        let list = await member.browser.get(SignedInMember.factors)
        for words in [
            "synced between your devices", "on one device only", "<dd>never</dd>", "<dd>just now</dd>",
            "aria-label=\"Remove K\"",
        ] {
            #expect(list.html.contains(words), "\(words)")
        }
    }
}

@Suite("A passkey as a recent proof")
struct PasskeyProofTests {
    private let page = "/.gatehouse/account/proof?return_to=/.gatehouse/account/email"

    private func member(_ factors: ScriptedFactors) async throws -> SignedInMember {
        factors.with { state in
            state.request = StepUpRequest(
                factors: [.passkey],
                passkey: PasskeyRequest(
                    rpID: "app.example.org", credentials: [.init(id: [1, 2, 3], transports: ["usb"])],
                    requiresUserVerification: false))
        }
        let member = try await factors.member()
        member.wait(.minutes(6))
        return member
    }

    @Test("it is offered to members who have one, and proves them once")
    func proved() async throws {
        let factors = ScriptedFactors()
        var member = try await member(factors)
        let question = await member.browser.get(page)
        #expect(question.html.contains("needs your password or a passkey"))
        #expect(question.html.contains(" data-passkey=\"get\" "))
        #expect(question.html.contains("&quot;id&quot;:&quot;AQID&quot;"))
        #expect(question.response.head.headerFields[.contentSecurityPolicy]?.contains("script-src 'sha256-") == true)
        let wrong = await member.browser.submit(question, ["passkey": ScriptedFactors.assertion])
        #expect(wrong.status == 422)
        #expect(wrong.html.contains("<a href=\"#use-passkey\" id=\"fault\">The passkey was not accepted."))
        let renewed = try await ScriptedFactors.renewed(member)
        factors.with { $0.stepUps = [.confirmed(renewed, recoveryCodesLeft: nil)] }
        let right = await member.browser.submit(wrong, ["passkey": ScriptedFactors.assertion])
        #expect(right.location == "/.gatehouse/account/email")
        #expect(right.setCookies == ["__Host-gatehouse=new.token; Path=/; Secure; HttpOnly; SameSite=Lax"])
        #expect(member.world.with { $0.notices } == [.renewed(renewed.handle, digest: [7])])
        let proofs = factors.with { $0.proofs }
        let challenges = proofs.compactMap { proof -> [UInt8]? in
            if case .passkey(_, let challenge) = proof { challenge } else { nil }
        }
        #expect(challenges.count == 2 && challenges[0] != challenges[1])
    }

    @Test("an answer works once, and not after a quarter of an hour")
    func once() async throws {
        let factors = ScriptedFactors()
        var member = try await member(factors)
        let question = await member.browser.get(page)
        let renewed = try await ScriptedFactors.renewed(member)
        factors.with { $0.stepUps = [.confirmed(renewed, recoveryCodesLeft: nil)] }
        let token = member.token
        #expect(await member.browser.submit(question, ["passkey": ScriptedFactors.assertion]).status == 303)
        member.browser.cookies["__Host-gatehouse"] = token
        let again = await member.browser.submit(question, ["passkey": ScriptedFactors.assertion])
        #expect(again.location == page + "&done=expired")
        let fresh = await member.browser.get(page)
        member.wait(.minutes(16))
        let late = await member.browser.submit(fresh, ["passkey": ScriptedFactors.assertion])
        #expect(late.location == page + "&done=expired")
        #expect(factors.with { $0.proofs.count } == 1)
        #expect(await member.browser.get(late.location ?? "").html.contains("open for too long"))
    }

    @Test("the password is still a proof, and an empty field of the script is none")
    func password() async throws {
        let factors = ScriptedFactors()
        var member = try await member(factors)
        let question = await member.browser.get(page)
        #expect(question.fields["passkey"] == "")
        #expect(await member.browser.submit(question, ["password": ""]).html.contains("Enter your password."))
        let right = await member.browser.submit(question, ["password": SignedInMember.password])
        #expect(right.location == "/.gatehouse/account/email")
        #expect(factors.with { $0.proofs.isEmpty })
    }
}

@Suite("Related origins")
struct RelatedOriginsTests {
    @Test("a host tells where its tenant's passkeys may be used, as browsers ask it")
    func origins() async throws {
        let world = try await LoginWorld()
        var services = world.services
        services.passkeyOrigins = { tenant in
            tenant == LoginWorld.acme
                ? ["https://acme.example.org", "https://shop.example.net"]
                : tenant == nil ? ["https://app.example.org"] : nil
        }
        let router = PortalRouter.standard(pages: try pages(), securityText: nil, services: services)
        var browser = PortalBrowser(world, router: router)
        browser.fields = [:]
        let shared = await browser.get("/.well-known/webauthn")
        #expect(shared.html == "{\n  \"origins\" : [\n    \"https://app.example.org\"\n  ]\n}\n")
        browser.hostTenant = LoginWorld.acme
        let own = await browser.get("/.well-known/webauthn")
        #expect(own.status == 200)
        #expect(own.response.head.headerFields[.contentType] == "application/json")
        #expect(own.html.contains("https://acme.example.org") && own.html.contains("https://shop.example.net"))
        browser.hostTenant = TenantID("bolt")
        #expect(await browser.get("/.well-known/webauthn").status == 404)
        #expect(await browser.post("/.well-known/webauthn", [:]).status == 405)
    }

    @Test("nobody is told anything where there are no passkeys")
    func none() async throws {
        var browser = try PortalBrowser(try await LoginWorld(), hostTenant: LoginWorld.acme)
        #expect(await browser.get("/.well-known/webauthn").status == 404)
    }
}
