public import Core

/// What a link of ours is good for; it is good for nothing else.
public enum LinkPurpose: String, CaseIterable, Hashable, Sendable {
    /// Sets the first password of somebody who was invited.
    case invitation
    /// Sets another password in the place of one that was forgotten.
    case passwordReset = "password-reset"

    /// How long such a link lives (security rule 17).
    public var lifetime: Milliseconds {
        switch self {
        case .invitation: .hours(7 * 24)
        case .passwordReset: .minutes(30)
        }
    }

    /// In what state its user must be.
    var state: User.State {
        switch self {
        case .invitation: .invited
        case .passwordReset: .active
        }
    }
}

/// A link that has not been used, as the store holds it: without its token.
public struct StoredLink: Hashable, Sendable {
    public let user: UserID
    public let purpose: LinkPurpose
    /// The user's epoch at its making: what ends sessions ends links.
    public let epoch: Int64
    public let createdAt: WallTime
    public let expiresAt: WallTime
}
