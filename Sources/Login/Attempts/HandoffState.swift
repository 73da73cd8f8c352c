public import Core
public import Store

/// Binds the hand-over of a session to the browser and the host that asked for it: what comes back with a code opens only
/// with the login cookie that the browser had when it left.
///
/// So nobody can plant a session of theirs in somebody else's browser, and a code that was seen on its way is worth
/// nothing elsewhere.
public struct HandoffState: Sendable {
    /// Bytes of a state, at most.
    public static let longestText = 256

    private let attempts: LoginAttemptSeal

    public init(forms: FormSeal) { attempts = LoginAttemptSeal(forms: forms) }

    /// A new state: base64url.
    /// - Parameter browser: the value of the login cookie on `host`.
    public func seal(browser: String, host: String, now: WallTime) -> String {
        attempts.seal(.begun(at: now), browser: browser, host: Self.context(host))
    }

    /// The id of the journey that the state began; nil where it was begun in another browser or on another host, or so
    /// long ago that a form would be too old.
    public func open(_ text: String, browser: String, host: String, now: WallTime) -> [UInt8]? {
        guard text.utf8.count <= Self.longestText else { return nil }
        return attempts.open(text, browser: browser, host: Self.context(host), now: now)?.id
    }

    /// No form of a login is sealed for such a host.
    private static func context(_ host: String) -> String { "handoff \(host)" }
}
