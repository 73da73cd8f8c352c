/// The pages of a member's account.
enum AccountPage: String, CaseIterable, Sendable {
    case data = "account"
    case password = "account/password"
    case sessions = "account/sessions"
    /// Behind the first one.
    case email = "account/email"
    /// Asked for on the way to what needs it.
    case proof = "account/proof"

    /// Those that the navigation lists, in its order.
    static let listed: [AccountPage] = [.data, .password, .sessions]

    /// Its address.
    var address: String { PortalAddress.root + rawValue }

    /// What the navigation shows as the page that somebody is on.
    var listedAs: AccountPage {
        switch self {
        case .data, .email: .data
        case .password: .password
        case .sessions: .sessions
        case .proof: .data
        }
    }
}
