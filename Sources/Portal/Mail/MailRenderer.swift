import Access
public import Login
public import Store

/// Turns a letter into what its reader sees: a subject, plain text, and the same as HTML.
public struct MailRenderer: Sendable {
    /// A mail without its envelope.
    public struct RenderedMail: Sendable, Hashable {
        public let subject: String
        public let text: String
        public let html: String
    }

    private let templates: PageTemplates

    /// - Throws: where a template of ours does not parse, which is our own fault.
    public init() throws { templates = try PageTemplates() }

    /// Nil for a letter that this version does not know.
    public func render(_ letter: Letter, of tenant: Tenant, _ mail: MailSettings) -> RenderedMail? {
        guard let notice = MailNotice(letter) else { return nil }
        let language: PageLanguage = letter.language == PageLanguage.german.rawValue ? .german : .english
        let site = String(Self.onOneLine(tenant.name).prefix(PageFrame.longestShownName))
        // A shared host has to be told which tenant is meant.
        let query = tenant.hosts.isEmpty ? "?tenant=\(tenant.id)" : ""
        let context = MailText.Context(
            site: site, forgotAddress: mail.link("/.gatehouse/password/forgot\(query)", of: tenant))
        let text = MailText.text(notice, context, in: language)
        let values: [String: Any] = [
            "language": language.rawValue, "subject": text.subject, "site": site, "heading": text.heading,
            "before": text.before, "hasFacts": !text.facts.isEmpty,
            "facts": text.facts.map { ["label": $0.label, "value": Self.onOneLine($0.value)] },
            "between": text.between,
            "link": text.link.map { ["label": $0.label, "address": $0.address, "copy": text.copy] as Any } ?? false,
            "after": text.after, "footer": text.footer,
        ]
        return RenderedMail(
            subject: text.subject, text: templates.render(templates.mailText, values),
            html: templates.render(templates.mail, values))
    }

    /// Nobody's name or browser begins a line of its own.
    private static func onOneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }
}
