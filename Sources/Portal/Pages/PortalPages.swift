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

    /// - Parameter sha256: gives the 32 bytes of the SHA-256 digest of its argument.
    /// - Throws: where a template of ours does not parse, which is our own fault.
    public init(sha256: ([UInt8]) -> [UInt8]) throws {
        templates = try PageTemplates()
        stylesheet = Stylesheet(sha256: sha256)
        contentSecurityPolicy = [
            "default-src 'none'",
            "style-src \(stylesheet.sourceExpression)",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ].joined(separator: "; ")
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
    func response(status: HTTPResponse.Status, html: String, language: PageLanguage) -> PortalResponse {
        var fields = fields
        fields[.contentLanguage] = language.rawValue
        return PortalResponse(head: HTTPResponse(status: status, headerFields: fields), body: Array(html.utf8))
    }
}
