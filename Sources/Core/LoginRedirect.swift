/// Where a visitor without a session is sent: the login page with the way back.
public enum LoginRedirect {
    /// The login page on every public listener.
    public static let loginPath = "/.gatehouse/login"
    /// The page that asks a signed-in member for another factor.
    public static let stepUpPath = "/.gatehouse/login/step-up"

    /// Appends the `Location` value of a redirect to login.
    ///
    /// - Parameter target: path and query that were asked for; an empty one names no way back.
    public static func appendLogin(returningTo target: RawSpan, to bytes: inout [UInt8]) {
        append(loginPath, returningTo: target, to: &bytes)
    }

    /// Appends the `Location` value of a redirect to the step-up page; `target` as for `appendLogin`.
    ///
    /// - Parameter isRepeated: what was refused would have changed something, and was not done: the page says that it has
    ///   to be done again.
    public static func appendStepUp(returningTo target: RawSpan, isRepeated: Bool, to bytes: inout [UInt8]) {
        append(stepUpPath, returningTo: target, to: &bytes)
        guard isRepeated else { return }
        bytes.append(UInt8(ascii: target.isEmpty ? "?" : "&"))
        bytes.append(contentsOf: "\(repeatField)=1".utf8)
    }

    /// The query's field that says so, with the value 1.
    public static let repeatField = "repeat"

    private static func append(_ page: String, returningTo target: RawSpan, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: page.utf8)
        guard !target.isEmpty else { return }
        bytes.append(contentsOf: "?return_to=".utf8)
        SafeRedirect.append(target: target, to: &bytes)
    }
}
