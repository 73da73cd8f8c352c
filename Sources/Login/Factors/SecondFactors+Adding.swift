import Core
import HostCrypto
import Store
import WebAuthn

/// How a factor is added, at sign-in and within a session.
extension SecondFactors {
    /// A factor that is there now.
    struct Added: Sendable {
        let proved: ProvedFactor
        /// As people read them; nil where the member had a factor before.
        let recoveryCodes: [String]?
    }

    /// Names of factors that nobody named.
    static let appName = "Authenticator app"
    static let passkeyName = "Passkey"

    /// Adds a factor that has proved itself, with recovery codes where it is the first.
    /// - Parameters:
    ///   - standing: the user as the right to this was proved.
    ///   - session: goes on with a first factor; every other ends.
    /// - Throws: `FactorFault`; `StoreConflict`, `StoreFault`.
    func add(
        _ enrolment: FactorEnrolment, to standing: MemberStanding, _ factors: MemberFactors, _ visit: LoginVisit,
        keeping session: RowID?
    ) async throws -> Added {
        let moment = services.now()
        let codes = factors.hasSecondFactor ? nil : RecoveryCode.makeSet()
        if case .passkey = enrolment, !login.mayMakePasskey(standing) { throw FactorFault.notThisPasskey }
        let new = try prepare(enrolment, in: standing.tenant.id, at: moment)
        let entry = FactorRecord.added(standing.user.id, enrolment.factor, name: new.name, visit)
        let letters = try await letters(
            .factorAdded(
                kind: enrolment.factor, name: new.name, at: moment, device: PasswordLogin.cut(visit.userAgent),
                address: visit.client.description),
            to: standing, visit)
        do {
            switch new {
            case .app(let app):
                _ = try await standing.store.factors.add(
                    app, to: standing.user, recoveryCodes: codes, keeping: session, audit: entry, letters: letters,
                    at: moment)
            case .passkey(let passkey):
                _ = try await standing.store.factors.add(
                    passkey, to: standing.user, recoveryCodes: codes, keeping: session, audit: entry,
                    letters: letters, at: moment)
            }
        } catch FactorConflict.tooMany {
            throw FactorFault.tooMany
        } catch FactorConflict.credentialTaken {
            throw FactorFault.taken
        }
        count { $0.added[enrolment.factor, default: 0] += 1 }
        return Added(
            proved: ProvedFactor(enrolment.factor, at: moment),
            recoveryCodes: codes.map { $0.map(RecoveryCode.grouped) })
    }

    private enum Prepared: Sendable {
        case app(NewAuthenticatorApp)
        case passkey(NewPasskey)

        var name: String {
            switch self {
            case .app(let app): app.name
            case .passkey(let passkey): passkey.name
            }
        }
    }

    /// What is written of a factor that has proved itself.
    private func prepare(
        _ enrolment: FactorEnrolment, in tenant: TenantID, at moment: WallTime
    ) throws(FactorFault) -> Prepared {
        switch enrolment {
        case .totp(let secret, let typed, let name):
            guard let code = TimeBasedCode.normalised(typed) else { throw .notACode }
            // The step is used up: the code that was shown here opens nothing afterwards.
            guard let step = secret.withSecret({ TimeBasedCode.matches(code, $0, at: moment).last }) else {
                throw .wrong
            }
            return .app(
                NewAuthenticatorApp(
                    name: FactorName.accepted(name) ?? Self.appName, secret: secret, firstStep: step))
        case .passkey(let registration, let challenge, let transports, let name):
            guard let realm = login.rules.realm(tenant) else { throw .notThisPasskey }
            let verified: VerifiedRegistration
            do throws(WebAuthnRefusal) {
                verified = try Registration.verify(
                    registration.response, challenge: challenge, for: realm.party(requiresUserVerification: false))
            } catch {
                throw FactorFault(error)
            }
            return .passkey(
                NewPasskey(
                    name: FactorName.accepted(name) ?? Self.passkeyName, credentialID: verified.credentialID,
                    publicKey: verified.publicKey, rpID: realm.rpID, signCount: verified.signCount,
                    aaguid: verified.aaguid.octets, transports: PasskeyTransports.accepted(transports),
                    isBackupEligible: verified.isBackupEligible, isBackedUp: verified.isBackedUp))
        }
    }
}

/// What browsers say of the ways to an authenticator: hints, kept to be given back (WebAuthn L3 §5.8.4).
enum PasskeyTransports {
    /// Of one passkey, at most.
    static let most = 8
    /// Letters of one, at most.
    static let longest = 32

    /// Words of lower-case letters and dashes, each once; what is none is left out.
    static func accepted(_ words: [String]) -> [String] {
        var kept: [String] = []
        for word in words where kept.count < most && !kept.contains(word) {
            let isWord =
                (1...longest).contains(word.utf8.count)
                && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            if isWord { kept.append(word) }
        }
        return kept
    }
}
