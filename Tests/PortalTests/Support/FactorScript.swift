import Access
import Core
import HTTPTypes
import Login
import Store
import Synchronization

@testable import Portal

/// Second factors that say what the test tells them to, and remember what they were asked.
final class FactorScript: Sendable {
    struct State {
        var proofs: [FactorProof] = []
        var provers: [ProvedMember] = []
        var visits: [FactorVisit] = []
        var factorOutcomes: [FactorOutcome] = []
        var requests: [TenantID: PasskeyRequest] = [:]
        var alone: [(assertion: PasskeyAssertion, challenge: [UInt8], tenant: TenantID)] = []
        var loginOutcomes: [PasswordLoginOutcome] = []
        var calls: [String] = []
        var codes: [String] = []
        var enrolments: [FactorEnrolment] = []
        var enrolmentOutcomes: [EnrolmentOutcome] = []
        var holders: [AccountHolder] = []
        var stepUpOutcomes: [StepUpOutcome] = []
        var stepUpRequest = StepUpRequest(factors: [.totp, .recoveryCode], passkey: nil)
        var stepUpFailure: (any Error)?
        var promptsForPasskey = false
    }

    private let state = Mutex(State())

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    var steps: FactorSteps {
        FactorSteps(
            prove: { proof, member, visit in
                self.with { state in
                    state.proofs.append(proof)
                    state.provers.append(member)
                    state.visits.append(visit)
                    return state.factorOutcomes.isEmpty ? .ended(.refused) : state.factorOutcomes.removeFirst()
                }
            },
            passkeyRequest: { tenant in self.with { $0.requests[tenant] } },
            signIn: { assertion, challenge, tenant, visit in
                self.with { state in
                    state.alone.append((assertion, challenge, tenant))
                    state.visits.append(visit)
                    return state.loginOutcomes.isEmpty ? .refused : state.loginOutcomes.removeFirst()
                }
            },
            enrolment: { member, visit in self.enrolment("enrolment", member, visit) },
            sendCode: { member, visit in self.enrolment("send", member, visit) },
            acceptCode: { code, member, visit in
                self.with { $0.codes.append(code) }
                return self.enrolment("accept", member, visit)
            },
            enrol: { enrolment, member, visit in
                self.with { $0.enrolments.append(enrolment) }
                return self.enrolment("enrol", member, visit)
            },
            later: { member, visit in
                self.with { state in
                    state.calls.append("later")
                    state.provers.append(member)
                    state.visits.append(visit)
                    return state.loginOutcomes.isEmpty ? .refused : state.loginOutcomes.removeFirst()
                }
            },
            stepUp: { proof, holder, visit in
                self.with { state in
                    state.proofs.append(proof)
                    state.holders.append(holder)
                    state.visits.append(visit)
                    return state.stepUpOutcomes.isEmpty ? .wrong(.wrong) : state.stepUpOutcomes.removeFirst()
                }
            },
            stepUpRequest: { holder in
                if let failure = self.with({ $0.stepUpFailure }) { throw failure }
                return self.with { state in
                    state.holders.append(holder)
                    return state.stepUpRequest
                }
            },
            promptsForPasskey: { _ in self.with { $0.promptsForPasskey } },
            dismissPrompt: { holder in
                self.with { state in
                    state.calls.append("dismiss")
                    state.holders.append(holder)
                }
            })
    }

    private func enrolment(_ call: String, _ member: ProvedMember, _ visit: FactorVisit) -> EnrolmentOutcome {
        with { state in
            state.calls.append(call)
            state.provers.append(member)
            state.visits.append(visit)
            return state.enrolmentOutcomes.isEmpty ? .ended(.refused) : state.enrolmentOutcomes.removeFirst()
        }
    }
}

extension FactorScript {
    static let email = "erika@acme.example"
    /// What the script of a page would post.
    static let assertion =
        #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC","userHandle":"BwcH"}"#
    static let registration =
        #"{"id":"AQID","clientDataJSON":"e30","attestationObject":"o2Nm","transports":["internal","hybrid"]}"#
    static let request = PasskeyRequest(
        rpID: "acme.example.org", credentials: [.init(id: [1, 2, 3], transports: ["usb"])],
        requiresUserVerification: false)
    static let creation = PasskeyCreation(
        realm: PasskeyRealm(rpID: "acme.example.org", name: "Acme GmbH", origins: ["https://acme.example.org"]),
        userHandle: [7, 7, 7], userName: email, displayName: "Erika <Muster>",
        excluded: [.init(id: [4, 5], transports: [])])

    static func member(isSure: Bool = false) throws -> ProvedMember {
        guard let acme = LoginWorld.acme else { throw StoreConflict.notFound }
        return ProvedMember(
            tenant: acme, user: LoginWorld.user, epoch: 3, at: WallTime(milliseconds: LoginWorld.start), isSure: isSure)
    }

    static func step(
        _ factors: [Factor] = [.totp, .recoveryCode], passkey: PasskeyRequest? = nil
    ) throws -> SecondFactorStep {
        SecondFactorStep(member: try member(), factors: factors, passkey: passkey)
    }

    static func enrolment(
        _ code: EnrolmentStep.CodeState, laterUntil: WallTime? = nil, passkey: PasskeyCreation? = nil
    ) throws -> EnrolmentStep {
        EnrolmentStep(
            member: try member(isSure: code == .unneeded), code: code, laterUntil: laterUntil, email: email,
            issuer: "Acme GmbH", passkey: passkey)
    }
}

/// A world whose second factors are scripted, and a browser before it.
struct FactorStage {
    let world: LoginWorld
    let script: FactorScript
    var browser: PortalBrowser

    init(_ world: LoginWorld, hostTenant: TenantID? = nil) throws {
        self.world = world
        script = FactorScript()
        var services = world.services
        services.factorLogin = script.steps
        let router = PortalRouter.standard(pages: try pages(), securityText: nil, services: services)
        browser = PortalBrowser(world, router: router)
        browser.hostTenant = hostTenant
    }

    /// Signs in by password, which leads to `outcome`.
    mutating func password(
        _ outcome: PasswordLoginOutcome, returnTo: String = "/a", fields: [String: String?] = [:]
    ) async -> PortalBrowser.Page {
        let first = await browser.get("/.gatehouse/login?return_to=\(returnTo)")
        let second = await browser.submit(first, ["email": FactorScript.email])
        world.say(outcome)
        return await browser.submit(second, ["password": "p"].merging(fields) { $1 })
    }
}

extension LoginSettings {
    /// Members may ask to stay signed in for a month.
    static let remembering = LoginSettings(session: SessionSettings(remember: .hours(720)))
}
