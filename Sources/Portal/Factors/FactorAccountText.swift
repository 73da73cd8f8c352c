import Access
import Core
import Login

/// What the pages of second factors say, in one language.
struct FactorAccountText: Sendable {
    // The list.
    let introduction: String
    /// Where an application's page waits for a second factor.
    let asked: String
    /// Where the tenant asks for one.
    let required: String
    /// Where it does, but not yet.
    let requiredFrom: @Sendable (_ time: String) -> String
    let none: String
    let kind: @Sendable (Factor) -> String
    let added: String
    let lastUsed: String
    let never: String
    let kept: String
    let synced: String
    let onOneDevice: String
    let rename: String
    /// For those who do not see which row a link stands in.
    let renameNamed: @Sendable (_ name: String) -> String
    let remove: String
    let removeNamed: @Sendable (_ name: String) -> String
    let addPasskey: String
    let addApp: String
    let full: String
    /// To the page that waited for a second factor.
    let proceed: String
    let recoveryCodes: String
    let recoveryCodesLeft: @Sendable (_ count: Int) -> String
    let recoveryCodesFew: String
    let newRecoveryCodes: String
    // Adding.
    let nameLabel: String
    let nameHint: String
    let nameFault: String
    let appSteps: String
    let scan: String
    let code: String
    let typeKey: String
    let keyLabel: String
    let accountLabel: String
    let openApp: String
    let codeLabel: String
    let codeHint: String
    let add: String
    let passkeyIntroduction: String
    let withoutPasskeys: String
    let create: String
    // The code that a first factor needs.
    let codeIntroduction: String
    let codeMailable: @Sendable (_ email: String) -> String
    let codeMailed: @Sendable (_ email: String) -> String
    let codeAsked: String
    let sendCode: String
    let sendAnother: String
    let enrolmentCode: String
    let enrolmentCodeHint: String
    let confirm: String
    let throttled: RefusalText
    // Removing.
    let removal: @Sendable (_ name: String) -> String
    let removalEnds: String
    /// The last one goes, and with it the recovery codes.
    let removalLast: String
    /// The last one stays.
    let removalRequired: String
    // New recovery codes.
    let renewal: String
    let renew: String
    // What went wrong.
    let wrongCode: String
    let noCode: String
    let usedCode: String
    let wrongEnrolmentCode: String
    let noEnrolmentCode: String
    let tooMany: String
    let taken: String
    let notThisPasskey: String
    let userVerification: String
    let refused: String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> FactorAccountText {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
