import Core
import Store

/// The bounds of what the API takes, each with its name.
enum FieldBound {
    /// Bytes of a display name, a tenant's or a user's.
    static let name = 1...200
    /// Bytes of a plan's or a region's name; empty is none.
    static let label = 0...63
    /// Hosts of a tenant.
    static let hosts = 1000
    /// E-mail domains of a tenant.
    static let emailDomains = 1000
    /// A tenant's own roles.
    static let ownRoles = 100
    /// Roles of a user.
    static let roles = 100
    /// Bytes of a line of a file with users.
    static let importLine = 1...16 * 1024
    /// Rows of a page.
    static let page = 1...100
    /// Throttle counters of an answer.
    static let throttles = 1...1000
    /// Traces of an answer.
    static let traces = 1...200
    /// Bytes of a query.
    static let query = 4096
    /// Parameters of a query.
    static let parameters = 16
    /// Names that a misspelt one is compared with.
    static let candidates = 2000
}
