public import Access
import HTTPTypes

/// The application of `gatehouse upstream-echo`: something to put behind the gateway and try it with.  It
/// tells back the request that it got: as a page for browsers, as JSON for everybody else.
///
/// `/healthz` answers 200 `ok`; `/logout` asks the gateway to end the visitor's session
/// (`Gatehouse-Session: end`).  Every other path is told back, whatever the method.
public struct EchoApplication: Sendable {
    private let pages: PortalPages

    /// - Parameter pages: templates and stylesheet.
    public init(pages: PortalPages) { self.pages = pages }

    /// The application as a function of the request.
    public var handler: PortalHandler {
        { request in response(to: request) }
    }

    func response(to request: PortalRequest) -> PortalResponse {
        switch request.head.path?.prefix(while: { $0 != "?" }) {
        case "/healthz": return Self.text("ok\n")
        case "/logout":
            var response = Self.text("You are signed out of the echo application.\n")
            response.head.headerFields[.gatehouseSession] = "end"
            return response
        default: break
        }
        let echoed = EchoedRequest(request)
        switch AcceptedMedia(request.head.headerFields) {
        case .page: return page(echoed)
        case .data:
            let fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            return PortalResponse(
                head: HTTPResponse(status: .ok, headerFields: fields), body: PortalJSON.encode(echoed))
        }
    }

    private func page(_ echoed: EchoedRequest) -> PortalResponse {
        let identity = EchoedIdentity(headers: echoed.headers)
        let fields = echoed.headers.sorted { $0.key < $1.key }.flatMap { name, values in
            values.map { ["label": name, "value": $0] }
        }
        let request = [
            ["label": "Method", "value": echoed.method], ["label": "Target", "value": echoed.target],
            ["label": "Body", "value": "\(echoed.bodyBytes) bytes"], ["label": "Peer", "value": echoed.peer],
        ]
        let html = pages.templates.render(
            pages.templates.echo,
            [
                "language": PageLanguage.english.rawValue, "title": "The application behind the gateway",
                "introduction": "The request as it reached the application: judged by the gateway, with the "
                    + "gateway’s own header fields in it.",
                "isSignedIn": identity.isSignedIn,
                "identity": identity.rows.map { ["label": $0.label, "value": $0.value] },
                "request": request, "fields": fields,
            ])
        return pages.response(status: .ok, html: html, language: .english)
    }

    private static func text(_ text: String) -> PortalResponse {
        let fields: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        return PortalResponse(head: HTTPResponse(status: .ok, headerFields: fields), body: Array(text.utf8))
    }
}
