public import Core
import Store

/// What became of a second factor at sign-in.
public enum FactorOutcome: Sendable, Hashable {
    /// The login goes on, or has ended: `.signedIn`, `.mustChange`, `.throttled`, `.busy`, `.unavailable`; `.refused`
    /// where the proof is too old or something has changed since: it begins anew.
    case ended(PasswordLoginOutcome)
    /// The page again.
    case again(SecondFactorStep, FactorFault)
}

/// What became of a step of an enrolment at sign-in.
public enum EnrolmentOutcome: Sendable, Hashable {
    /// The page again; a fault says what was wrong with what was sent.
    case step(EnrolmentStep, FactorFault?)
    /// The factor is there, whatever became of the session.
    /// - Parameter recoveryCodes: shown once, as people read them; nil where the member had some before.
    case enrolled(PasswordLoginOutcome, recoveryCodes: [String]?)
    /// As `FactorOutcome.ended`.
    case ended(PasswordLoginOutcome)
}

/// What became of a factor that a member proved within a session.
public enum StepUpOutcome: Sendable, Hashable {
    /// The session goes on under a new token; its copies are the caller's to tell.
    /// - Parameter recoveryCodesLeft: nil where no recovery code was used.
    case confirmed(RenewedSession, recoveryCodesLeft: Int?)
    case wrong(FactorFault)
    /// Too many failures; a try is given back after so long.
    case throttled(retryAfter: Milliseconds)
    /// The session has ended meanwhile.
    case ended
    /// The store cannot be used.
    case unavailable
}

/// What a member of a session can prove anew.
public struct StepUpRequest: Sendable, Hashable {
    /// As `SecondFactorStep.factors`; empty where the member has no second factor.
    public let factors: [Factor]
    /// What the browser is asked for where `.passkey` is among them.
    public let passkey: PasskeyRequest?

    public init(factors: [Factor], passkey: PasskeyRequest?) {
        self.factors = factors
        self.passkey = passkey
    }

    /// Of what a member has.  Passkeys of one relying party are asked for at a time: the tenant's present one, else that
    /// of the newest.
    init(_ factors: MemberFactors, realm: PasskeyRealm?) {
        let mine = factors.passkeys.filter { $0.rpID == realm?.rpID }
        let asked = mine.isEmpty ? factors.passkeys.filter { $0.rpID == factors.passkeys.last?.rpID } : mine
        var request: PasskeyRequest?
        if realm != nil, let rpID = asked.first?.rpID {
            request = PasskeyRequest(
                rpID: rpID, credentials: asked.map { .init(id: $0.credentialID, transports: $0.transports) },
                requiresUserVerification: false)
        }
        var provable: [Factor] = request == nil ? [] : [.passkey]
        if !factors.apps.isEmpty { provable.append(.totp) }
        if factors.hasSecondFactor, factors.recoveryCodesLeft > 0 { provable.append(.recoveryCode) }
        self.init(factors: provable, passkey: request)
    }
}

/// What a member of a session has to show before a factor may be added.
public enum EnrolmentDemand: Sendable, Hashable {
    /// It may be added now.
    case none
    /// A password or passkey of the last minutes.
    case proof
    /// An enrolment code, for the first factor on a browser that is not trusted; never `.unneeded`.
    case code(EnrolmentStep.CodeState)
}

/// What became of an enrolment code that was asked for within a session.
public enum CodeSending: Sendable, Hashable {
    case sent
    /// Three were sent within the hour; the next may be after so long.
    case throttled(retryAfter: Milliseconds)
    /// No mail can be sent, or none to an address that the member chose within the last day.
    case withoutMail
}

/// What became of an enrolment code within a session.
public enum AcceptedCode: Sendable, Hashable {
    /// `FactorCeremony.isSure` from now on.
    case right
    case wrong
    /// What was typed can be no code: it was not tried and cost nothing.
    case notACode
    case throttled(retryAfter: Milliseconds)
}

/// What became of a factor that a member adds within a session.
public enum AddOutcome: Sendable, Hashable {
    /// It is there and proved; the session goes on under a new token.  With the first one every other session has
    /// ended; the copies of sessions are the caller's to tell.
    /// - Parameter recoveryCodes: shown once, as people read them; nil where the member had some before.
    case added(recoveryCodes: [String]?, renewed: RenewedSession)
    case fault(FactorFault)
    /// A password or passkey of the last minutes is needed.
    case proofTooOld
    /// An enrolment code is needed.
    case codeNeeded(EnrolmentStep.CodeState)
    case throttled(retryAfter: Milliseconds)
}

/// Why a change in a member's factors was not made.
public enum FactorAccountFault: Error, Sendable, Hashable {
    /// A password or passkey of the last minutes is needed.
    case proofTooOld
    /// The name has more than 64 characters, none, or controls.
    case nameRefused
    /// The tenant asks for a second factor and this is the last one.
    case lastRequired
}

/// What became of a member's factors when they were reset.
public struct FactorReset: Sendable, Hashable {
    /// How many apps and passkeys there were.
    public let factors: Int
    /// The enrolment code to be handed over, in two groups of four digits; nil where none was asked for.
    public let code: String?
    /// When the code ends; nil without one.
    public let expiresAt: WallTime?
    /// Whether the member is told by mail.
    public let isMailed: Bool

    public init(factors: Int, code: String?, expiresAt: WallTime?, isMailed: Bool) {
        self.factors = factors
        self.code = code
        self.expiresAt = expiresAt
        self.isMailed = isMailed
    }
}
