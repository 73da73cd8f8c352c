public import Access
public import Core
public import HTTPTypes

/// Refuses a request that has come as far as the portal: a page in the visitor's language for browsers, a
/// problem (RFC 9457) for everybody else.
public struct RefusalResponder: Sendable {
    /// What `Retry-After` says with 503 where nothing better is known; the event loops say the same.
    private static let unavailableWait = Milliseconds.seconds(5)

    private let pages: PortalPages
    private let renderer: RefusalPageRenderer

    /// - Parameter pages: templates and stylesheet.
    public init(pages: PortalPages) {
        self.pages = pages
        renderer = RefusalPageRenderer(pages: pages)
    }

    /// The answer that refuses `request` for `reason`, with `Cache-Control: no-store`.
    ///
    /// - Parameters:
    ///   - reason: one that is answered (`ReasonCode.status` is not 0).
    ///   - fields: added to the answer's own, such as `Allow`.
    public func response(
        refusing request: PortalRequest, for reason: ReasonCode, fields: HTTPFields = [:]
    ) -> PortalResponse {
        response(refusing: request, for: reason, fields: fields, details: RefusalDetails())
    }

    /// As above.
    /// - Parameter details: what this one answer says besides, or otherwise.
    func response(
        refusing request: PortalRequest, for reason: ReasonCode, fields: HTTPFields = [:], details: RefusalDetails
    ) -> PortalResponse {
        let status =
            details.status ?? HTTPResponse.Status(code: Int(reason.status), reasonPhrase: reason.statusPhrase)
        let host = request.head.authority ?? ""
        var response: PortalResponse
        switch details.media ?? AcceptedMedia(request.head.headerFields) {
        case .page:
            let language = details.frame?.language ?? PageLanguage.wanted(by: request.head.headerFields)
            let html = renderer.page(reason, language, requestID: request.requestID, host: host, details: details)
            response = pages.response(
                status: status, html: html, language: language, brand: details.frame?.brand)
        case .data:
            var problem: [UInt8] = []
            ProblemDocument.append(
                reason, status: UInt16(clamping: status.code), requestID: request.requestID,
                loginURL: details.loginURL, to: &problem)
            let head = HTTPResponse(
                status: status,
                headerFields: [
                    .contentType: "application/problem+json", .cacheControl: "no-store",
                    .xContentTypeOptions: "nosniff",
                ])
            response = PortalResponse(head: head, body: problem)
        }
        if let wait = details.wait ?? (status.code == 503 ? Self.unavailableWait : nil) {
            response.head.headerFields[.retryAfter] = String(RetryWait.seconds(wait))
        }
        response.head.headerFields.append(contentsOf: fields)
        return response
    }
}
