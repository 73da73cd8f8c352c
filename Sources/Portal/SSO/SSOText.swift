import Access

/// What the pages around company accounts say, in one language.
struct SSOText: Sendable {
    // On the way to the provider.
    let leaving: @Sendable (_ name: String) -> String
    let leavingIntroduction: String
    let signingOut: String
    /// The session here has ended before the page is shown.
    let signingOutIntroduction: String
    let answering: String
    let answeringIntroduction: String
    let proceed: String
    /// The way on from a page that refuses.
    let startAgain: String
    // After a logout.
    /// The provider did not say that everything has ended there.
    let unconfirmed: String
    // An account that is not connected yet.
    let link: String
    let notLinked: String
    let notLinkedParagraphs: [String]

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> SSOText {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
