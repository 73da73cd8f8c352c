import Access
import Core

/// What a refusal page says to the visitor, in one language.
struct RefusalText: Sendable, Hashable {
    /// The heading, and the title of the window.
    var title: String
    /// What happened, in a sentence or two.
    var happened: String
    /// What the visitor can do now.
    var advice: String

    init(_ title: String, _ happened: String, _ advice: String) {
        self.title = title
        self.happened = happened
        self.advice = advice
    }

    /// The text for `reason`; nil for a reason that is never answered (`ReasonCode.status` is 0).
    ///
    /// - Parameter host: the host that the visitor asked for, as it came; the template escapes it.
    static func text(for reason: ReasonCode, in language: PageLanguage, host: String) -> RefusalText? {
        switch language {
        case .english: english(reason, host: host)
        case .german: german(reason, host: host)
        }
    }
}

/// The words around the text that are the same on every refusal page.
struct RefusalLabels: Sendable {
    let adviceHeading: String
    let reason: String
    let request: String

    /// The labels in `language`.
    init(_ language: PageLanguage) {
        switch language {
        case .english:
            adviceHeading = "What you can do"
            reason = "Reason:"
            request = "Request ID:"
        case .german:
            adviceHeading = "Was Sie tun können"
            reason = "Grund:"
            request = "Anfrage-ID:"
        }
    }
}
