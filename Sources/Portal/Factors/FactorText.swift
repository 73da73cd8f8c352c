import Access
import Core
import Login

/// What the pages say that ask for a second factor, in one language.
///
/// All of it stands behind the first factor, but for the button that signs in with a passkey alone.
struct FactorText: Sendable {
    // The page.
    let heading: String
    let appIntroduction: String
    let passkeyIntroduction: String
    let recoveryIntroduction: String
    let code: String
    let codeHint: String
    let confirm: String
    let usePasskey: String
    let useRecoveryCode: String
    let recoveryCode: String
    let recoveryHint: String
    /// Where a browser knows no passkeys, or runs no scripts.
    let withoutPasskeys: String
    /// The way out, at sign-in.
    let startAgain: String
    // What was wrong.
    let wrong: String
    let notACode: String
    let used: String
    let wrongRecoveryCode: String
    let notARecoveryCode: String
    let notThisPasskey: String
    let userVerification: String
    let passkeyRefused: String
    let expired: String
    let throttled: RefusalText
    // A passkey alone.
    let signInWithPasskey: String
    let passkeyAloneRefused: String
    let passkeyAloneThrottled: RefusalText
    // What the script says.
    let cancelled: String
    let failed: String
    let taken: String
    // After a recovery code.
    let codeUsed: String
    let codesLeft: @Sendable (_ count: Int) -> String
    let codesAdvice: String
    let newCodes: String
    let proceed: String
    // After a password.
    let offerHeading: String
    let offerParagraphs: [String]
    let createPasskey: String
    let notNow: String
    // Within a session.
    let stepUpIntroduction: String
    /// Where something that was sent was not done.
    let repeated: String
    let cancel: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> FactorText {
        switch language {
        case .english: english
        case .german: german
        }
    }

    /// What was wrong with a proof.
    func words(_ fault: FactorFault, of factor: Factor) -> String {
        switch (fault, factor) {
        case (.expired, _): expired
        case (.wrong, .totp): wrong
        case (.notACode, .totp): notACode
        case (.used, .totp): used
        case (.wrong, .recoveryCode), (.used, .recoveryCode): wrongRecoveryCode
        case (.notACode, .recoveryCode): notARecoveryCode
        case (.notThisPasskey, _): notThisPasskey
        case (.userVerification, _): userVerification
        default: passkeyRefused
        }
    }
}
