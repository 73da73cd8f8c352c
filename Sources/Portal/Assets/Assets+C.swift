import CAssets

/// A file that travels inside the binary: a template, the stylesheet, a list.
enum Asset: CaseIterable, Sendable {
    case layout, refusal, echo, email, password, newPassword, forgot, setPassword, message, choice, logout
    case mail, mailText, commonPasswords, style
    case accountNavigation, accountFault, accountData, accountEmail, accountProof, accountSessions
    case passkeys, passkeyWords, secondFactor, enrol, recoveryCodes, passkeyOffer
    case accountFactors, accountFactorApp, accountFactorPasskey, accountFactorCode, accountFactorName
    case accountFactorRemoval, accountRecoveryCodes
    case submit, providerForm, connections

    /// The name under which templates include it, and which errors say.
    var name: String {
        switch self {
        case .layout: "layout"
        case .refusal: "refusal"
        case .echo: "echo"
        case .email: "email"
        case .password: "password"
        case .newPassword: "new-password"
        case .forgot: "forgot"
        case .setPassword: "set-password"
        case .message: "message"
        case .choice: "choice"
        case .logout: "logout"
        case .mail: "mail"
        case .mailText: "mail-text"
        case .commonPasswords: "common-passwords"
        case .style: "style"
        case .accountNavigation: "account-navigation"
        case .accountFault: "account-fault"
        case .accountData: "account-data"
        case .accountEmail: "account-email"
        case .accountProof: "account-proof"
        case .accountSessions: "account-sessions"
        case .passkeys: "passkeys"
        case .passkeyWords: "passkey-words"
        case .secondFactor: "second-factor"
        case .enrol: "enrol"
        case .recoveryCodes: "recovery-codes"
        case .passkeyOffer: "passkey-offer"
        case .accountFactors: "account-factors"
        case .accountFactorApp: "account-factor-app"
        case .accountFactorPasskey: "account-factor-passkey"
        case .accountFactorCode: "account-factor-code"
        case .accountFactorName: "account-factor-name"
        case .accountFactorRemoval: "account-factor-removal"
        case .accountRecoveryCodes: "account-recovery-codes"
        case .submit: "submit"
        case .providerForm: "provider-form"
        case .connections: "connections"
        }
    }

    /// The file's bytes.
    ///
    /// Memory safety: the C side returns a constant array that is never written and lives as long as the
    /// program, together with that array's own length; the bytes are copied before this returns.
    var bytes: [UInt8] {
        let length = gatehouse_asset_length(identifier)
        guard let start = unsafe gatehouse_asset_bytes(identifier) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }

    /// The file as text; it is UTF-8.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    private var identifier: gatehouse_asset {
        switch self {
        case .layout: GATEHOUSE_ASSET_LAYOUT
        case .refusal: GATEHOUSE_ASSET_REFUSAL
        case .echo: GATEHOUSE_ASSET_ECHO
        case .email: GATEHOUSE_ASSET_EMAIL
        case .password: GATEHOUSE_ASSET_PASSWORD
        case .newPassword: GATEHOUSE_ASSET_NEW_PASSWORD
        case .forgot: GATEHOUSE_ASSET_FORGOT
        case .setPassword: GATEHOUSE_ASSET_SET_PASSWORD
        case .message: GATEHOUSE_ASSET_MESSAGE
        case .choice: GATEHOUSE_ASSET_CHOICE
        case .logout: GATEHOUSE_ASSET_LOGOUT
        case .mail: GATEHOUSE_ASSET_MAIL
        case .mailText: GATEHOUSE_ASSET_MAIL_TEXT
        case .commonPasswords: GATEHOUSE_ASSET_COMMON_PASSWORDS
        case .style: GATEHOUSE_ASSET_STYLE
        case .accountNavigation: GATEHOUSE_ASSET_ACCOUNT_NAVIGATION
        case .accountFault: GATEHOUSE_ASSET_ACCOUNT_FAULT
        case .accountData: GATEHOUSE_ASSET_ACCOUNT_DATA
        case .accountEmail: GATEHOUSE_ASSET_ACCOUNT_EMAIL
        case .accountProof: GATEHOUSE_ASSET_ACCOUNT_PROOF
        case .accountSessions: GATEHOUSE_ASSET_ACCOUNT_SESSIONS
        case .passkeys: GATEHOUSE_ASSET_PASSKEYS
        case .passkeyWords: GATEHOUSE_ASSET_PASSKEY_WORDS
        case .secondFactor: GATEHOUSE_ASSET_SECOND_FACTOR
        case .enrol: GATEHOUSE_ASSET_ENROL
        case .recoveryCodes: GATEHOUSE_ASSET_RECOVERY_CODES
        case .passkeyOffer: GATEHOUSE_ASSET_PASSKEY_OFFER
        case .accountFactors: GATEHOUSE_ASSET_ACCOUNT_FACTORS
        case .accountFactorApp: GATEHOUSE_ASSET_ACCOUNT_FACTOR_APP
        case .accountFactorPasskey: GATEHOUSE_ASSET_ACCOUNT_FACTOR_PASSKEY
        case .accountFactorCode: GATEHOUSE_ASSET_ACCOUNT_FACTOR_CODE
        case .accountFactorName: GATEHOUSE_ASSET_ACCOUNT_FACTOR_NAME
        case .accountFactorRemoval: GATEHOUSE_ASSET_ACCOUNT_FACTOR_REMOVAL
        case .accountRecoveryCodes: GATEHOUSE_ASSET_ACCOUNT_RECOVERY_CODES
        case .submit: GATEHOUSE_ASSET_SUBMIT
        case .providerForm: GATEHOUSE_ASSET_PROVIDER_FORM
        case .connections: GATEHOUSE_ASSET_CONNECTIONS
        }
    }
}
