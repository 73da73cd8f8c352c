import Foundation

/// Who a request is for, as an application reads it from the gateway's headers.
struct EchoedIdentity: Sendable, Hashable {
    /// One line of the table.
    struct Row: Sendable, Hashable {
        var label: String
        var value: String
    }

    /// What the headers say, in a fixed order; what no header says is left out.
    let rows: [Row]
    /// True where the request names a user.
    let isSignedIn: Bool

    /// - Parameter headers: values under names in lower case.
    init(headers: [String: [String]]) {
        rows = Self.labels.compactMap { name, label in
            guard let values = headers[name] else { return nil }
            let text = values.joined(separator: ", ")
            return Row(label: label, value: text.removingPercentEncoding ?? text)
        }
        isSignedIn = headers["x-user-id"] != nil
    }

    private static let labels = [
        ("x-tenant-id", "Tenant"), ("x-user-id", "User"), ("x-user-external-id", "User, external ID"),
        ("x-user-email", "E-mail"), ("x-user-name", "Name"), ("x-user-roles", "Roles"),
        ("x-auth-factors", "Proven factors"), ("x-session-id", "Session"), ("x-request-id", "Request"),
    ]
}
