import Access

/// What the script says in place of the browser, as the template `passkey-words` writes it into a form.
enum PasskeyWords {
    /// The texts by the template's keys.
    static func values(in language: PageLanguage) -> [String: Any] {
        let text = FactorText.text(in: language)
        return ["cancelled": text.cancelled, "failed": text.failed, "taken": text.taken]
    }
}
