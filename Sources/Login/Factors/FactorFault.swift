public import WebAuthn

/// Why a proof or an enrolment was not taken, and the page is shown again.
public enum FactorFault: Error, Sendable, Hashable {
    /// The code is another one.
    case wrong
    /// What was typed can be no code: it was not tried and cost nothing.
    case notACode
    /// The code was right, and has been used before.
    case used
    /// A passkey that is not this member's.
    case notThisPasskey
    /// The authenticator did not verify its user, which is needed here.
    case userVerification
    /// The member has as many of this kind as anybody may have.
    case tooMany
    /// The authenticator has a passkey of this tenant already, of this member or another.
    case taken
    /// The passkey's answer does not hold; for the log.
    case refused(WebAuthnRefusal)
    /// The page was open for too long: the enrolment begins anew.
    case expired

    /// A word for logs and the audit log: kebab-case, and the standard's refusals by their own name.
    public var code: String {
        switch self {
        case .wrong: "code-wrong"
        case .notACode: "not-a-code"
        case .used: "code-used"
        case .notThisPasskey: "passkey-foreign"
        case .userVerification: WebAuthnRefusal.userUnverified.rawValue
        case .tooMany: "too-many"
        case .taken: "credential-taken"
        case .refused(let refusal): refusal.rawValue
        case .expired: "expired"
        }
    }

    /// What a refusal of the standard is to the member.
    init(_ refusal: WebAuthnRefusal) {
        self = refusal == .userUnverified ? .userVerification : .refused(refusal)
    }
}
