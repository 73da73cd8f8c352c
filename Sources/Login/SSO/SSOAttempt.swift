public import Core
import HostCrypto

/// What a sign-in at a provider is for.
public enum SSOPurpose: Sendable, Hashable {
    case signIn
    /// The member of a session proves anew who they are (ForceAuthn).
    case confirm(AccountHolder)
}

/// One request to a provider from its beginning to the answer, as it travels in the cookie of the browser that began.
///
/// Nothing of it is kept on this side; the ids of those that were answered are (security rules 10, 21).
public struct SSOAttempt: Sendable, Hashable {
    /// Bytes of an id.
    public static let idByteCount = 16
    /// Bytes of `browser`.
    public static let longestBrowser = 64
    /// Bytes of `deviceToken`.
    public static let longestDeviceToken = 128
    /// Bytes of `language`.
    public static let longestLanguage = 8

    /// Random; RelayState is its base64url.
    public let id: [UInt8]
    /// The `ID` of our AuthnRequest, which the response names.
    public let requestID: String
    public let tenant: TenantID
    public let connection: ConnectionName
    public let beganAt: WallTime
    /// Where to go afterwards.
    public var returnTo: SafeRedirect?
    /// The visitor asked to stay signed in.
    public var isRemembered: Bool
    public let purpose: SSOPurpose
    /// Authentication anew was asked for, and must not be older; nil where any will do.
    public let forcedSince: WallTime?
    /// Of the page that it began on; empty where it is not known.
    public var language: String
    /// The value of the login cookie, which a cross-site answer does not bring; longer ones are not carried.
    public var browser: String?
    /// The value of the device cookie, likewise.
    public var deviceToken: String?

    public init(
        id: [UInt8], requestID: String, tenant: TenantID, connection: ConnectionName, beganAt: WallTime,
        returnTo: SafeRedirect? = nil, isRemembered: Bool = false, purpose: SSOPurpose = .signIn,
        forcedSince: WallTime? = nil, language: String = "", browser: String? = nil, deviceToken: String? = nil
    ) {
        self.id = id
        self.requestID = requestID
        self.tenant = tenant
        self.connection = connection
        self.beganAt = beganAt
        self.returnTo = returnTo
        self.isRemembered = isRemembered
        self.purpose = purpose
        self.forcedSince = forcedSince
        self.language = language
        self.browser = browser
        self.deviceToken = deviceToken
    }

    /// What goes to the provider and comes back: 22 characters.
    public var relayState: String { Self.relayState(of: id) }

    /// The relay state of an attempt's id.
    public static func relayState(of id: [UInt8]) -> String { Base64.encode(id, alphabet: .url) }
}
