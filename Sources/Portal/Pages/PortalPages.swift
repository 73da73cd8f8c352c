public import Access
import Core
public import HTTPTypes

/// All pages that Gatehouse itself shows: the templates, the stylesheet, and the header fields that every
/// one of them is sent with.  Made once at start and at each reload.
public struct PortalPages: Sendable {
    /// The stylesheet that the pages carry.
    public let stylesheet: Stylesheet
    /// The value of `Content-Security-Policy` for every page of ours, those that the data plane writes
    /// included: no script, no frame, nothing from elsewhere, and of styles only our own, by its hash.
    public let contentSecurityPolicy: String
    let templates: PageTemplates
    private let passkeys: PageScript
    private let submission: PageScript

    /// - Parameter sha256: gives the 32 bytes of the SHA-256 digest of its argument.
    /// - Throws: where a template of ours does not parse, which is our own fault.
    public init(sha256: ([UInt8]) -> [UInt8]) throws {
        templates = try PageTemplates()
        stylesheet = Stylesheet(sha256: sha256)
        passkeys = PageScript(.passkeys, sha256: sha256)
        submission = PageScript(.submit, sha256: sha256)
        contentSecurityPolicy = Self.policy(styles: [stylesheet.sourceExpression])
    }

    private static func policy(
        styles: [String], script: String? = nil, showsImages: Bool = false, formTarget: String? = nil
    ) -> String {
        [
            "default-src 'none'",
            script.map { "script-src \($0)" },
            "style-src \(styles.joined(separator: " "))",
            showsImages ? "img-src 'self'" : nil,
            "base-uri 'none'",
            "form-action \(["'self'", formTarget].compactMap(\.self).joined(separator: " "))",
            "frame-ancestors 'none'",
        ].compactMap(\.self).joined(separator: "; ")
    }

    /// The policy of a page in a tenant's looks: its own style too, by its hash, and its logo from here.
    /// - Parameters:
    ///   - origin: where a form on it leads besides here, made of configured names: browsers hold every redirect
    ///   behind a form against `form-action` (CSP3 §4.2.4).
    ///   - runsScript: the script of passkeys may run, by its hash.
    ///   - submitsItself: the script that sends the page's form may.
    func contentSecurityPolicy(
        for brand: PageBrand?, formsLeadingTo origin: String? = nil, runsScript: Bool = false,
        submitsItself: Bool = false
    ) -> String {
        let script = runsScript ? passkeys : submitsItself ? submission : nil
        return Self.policy(
            styles: [stylesheet.sourceExpression, brand?.styleSource].compactMap(\.self),
            script: script?.sourceExpression, showsImages: brand?.logo != nil, formTarget: origin)
    }

    /// The fields that a page needs besides its own (OWASP's list for a page without script).  The data
    /// plane sends the same ones with refusal pages.
    public var fields: HTTPFields {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .contentSecurityPolicy: contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
            .crossOriginResourcePolicy: "same-origin",
            .cacheControl: "no-store",
        ]
        fields[.referrerPolicy] = "same-origin"
        fields[.crossOriginOpenerPolicy] = "same-origin"
        return fields
    }

    /// The pages of all refusals in all languages, ready for the event loops.
    public func refusalPages() -> RefusalPages {
        let renderer = RefusalPageRenderer(pages: self)
        return RefusalPages { reason, language in renderer.render(reason, language) }
    }

    /// An answer that shows `html`, in `language`.
    /// - Parameters:
    ///   - brand: the looks that the page was rendered in.
    ///   - origin: where a form on it leads in the end, if that is not here.
    ///   - runsScript: it has a form that asks for a passkey.
    ///   - submitsItself: it has a form that goes on by itself.
    func response(
        status: HTTPResponse.Status, html: String, language: PageLanguage, brand: PageBrand? = nil,
        formsLeadingTo origin: String? = nil, runsScript: Bool = false, submitsItself: Bool = false
    ) -> PortalResponse {
        var fields = fields
        fields[.contentSecurityPolicy] = contentSecurityPolicy(
            for: brand, formsLeadingTo: origin, runsScript: runsScript, submitsItself: submitsItself)
        fields[.contentLanguage] = language.rawValue
        return PortalResponse(head: HTTPResponse(status: status, headerFields: fields), body: Array(html.utf8))
    }
}
