import Access
import Core
import Login
import Store

@testable import Gateway

extension KeyArrival {
    private static let authenticator = "2fc0579f-8113-47ea-b116-bb5a8db9202a"

    /// Second factors and passkeys.
    static let factorRows: [KeyArrival] = [
        top("login.prompt_for_passkey", "login: { prompt_for_passkey: true }") { $0.login.promptsForPasskey },
        top("login.throttle.second_factor.failures", "login: { throttle: { second_factor: { failures: 3 } } }") {
            $0.login.throttle.secondFactor.failures == 3
        },
        top("login.throttle.second_factor.per", "login: { throttle: { second_factor: { per: 1h } } }") {
            $0.login.throttle.secondFactor.per == .hours(1)
        },
        claim("mfa", "mfa: required\n") { $0.secondFactor == .required && $0.secondFactorGrace.count == 0 },
        claim("mfa.required", "mfa: { required: true }\n") { $0.secondFactor == .required },
        claim("mfa.roles", "roles: [auditor]\nmfa: { roles: [admin, auditor] }\n") {
            if case .requiredForRoles(let roles) = $0.secondFactor { roles.count == 2 } else { false }
        },
        claim("mfa.grace", "mfa: { required: true, grace: 14d }\n") { $0.secondFactorGrace == .hours(14 * 24) },
        claim("webauthn.rp_id", "webauthn: { rp_id: Example.org }\n") { $0.passkeys.rpID == "example.org" },
        claim("webauthn.attestation", "webauthn: { attestation: attested }\n") { $0.passkeys.attestation == .attested },
        claim("webauthn.aaguids.allow", "webauthn: { aaguids: { allow: [\(authenticator.uppercased())] } }\n") {
            $0.passkeys.allow == [authenticator]
        },
        claim("webauthn.aaguids.deny", "webauthn: { aaguids: { deny: [\(authenticator)] } }\n") {
            $0.passkeys.deny == [authenticator]
        },
    ]
}
