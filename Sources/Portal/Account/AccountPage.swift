/// The pages of a member's account.
enum AccountPage: String, CaseIterable, Sendable {
    case data = "account"
    case password = "account/password"
    case factors = "account/factors"
    case sessions = "account/sessions"
    /// Behind the first one.
    case email = "account/email"
    /// Asked for on the way to what needs it.
    case proof = "account/proof"
    // Behind the list of second factors.
    case factorApp = "account/factors/app"
    case factorPasskey = "account/factors/passkey"
    /// The code that a first factor needs.
    case factorCode = "account/factors/code"
    case factorName = "account/factors/rename"
    case factorRemoval = "account/factors/remove"
    case recoveryCodes = "account/factors/recovery-codes"

    /// Those that the navigation lists, in its order.
    static let listed: [AccountPage] = [.data, .password, .factors, .sessions]

    /// Its address.
    var address: String { PortalAddress.root + rawValue }

    /// What the navigation shows as the page that somebody is on.
    var listedAs: AccountPage {
        switch self {
        case .data, .email: .data
        case .password: .password
        case .factors, .factorApp, .factorPasskey, .factorCode, .factorName, .factorRemoval, .recoveryCodes: .factors
        case .sessions: .sessions
        case .proof: .data
        }
    }
}
