import Core
import HTTPTypes

/// What a refusal of the portal says besides its reason, because it is made for one request.
struct RefusalDetails: Sendable {
    /// A link on the page.
    struct Action: Sendable {
        var address: String
        var label: String
    }

    /// Instead of the reason's own status.
    var status: HTTPResponse.Status?
    /// Instead of the reason's own text.
    var text: RefusalText?
    /// When to try again: a sentence on the page, and `Retry-After`.
    var wait: Milliseconds?
    /// What the visitor can do now.
    var action: Action?
    /// Whose site the page belongs to.
    var frame: PageFrame?
    /// Page or problem, whatever `Accept` says.
    var media: AcceptedMedia?
    /// Where a person could sign in, for problems.
    var loginURL: String?
}
