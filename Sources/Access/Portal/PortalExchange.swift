public import Core
public import HTTPTypes

/// A request that Gatehouse answers itself: a page under `/.gatehouse/`, a probe, the echo application.
/// The data plane has judged it already (framing, host, path, limits); the handler runs elsewhere.
public struct PortalRequest: Sendable {
    /// Method, canonical path with query, authority and fields; fields that could set an identity, and
    /// hop-by-hop fields, are gone.
    public var head: HTTPRequest
    /// The whole body, at most `limits.portal_body` bytes.
    public var body: [UInt8]
    public var client: ClientAddress
    /// The id that the answer, the access log and the error page carry.
    public var requestID: String
    /// Who asks, as the decision found out.
    public var caller: PortalCaller = .visitor
    /// The tenant that the host belongs to; nil on a shared host, and on local listeners.
    public var hostTenant: TenantID?
    /// The tenant of the host, or of the session on a shared host, is suspended: nobody signs in.
    public var isTenantSuspended = false
    /// The page is on `portal_host`, and this is another host.
    public var belongsToPortalHost = false

    public init(head: HTTPRequest, body: [UInt8] = [], client: ClientAddress, requestID: String) {
        self.head = head
        self.body = body
        self.client = client
        self.requestID = requestID
    }
}

/// Who asks something of the portal.
public enum PortalCaller: Sendable {
    /// Nobody who is known.
    case visitor
    /// A member, by a session that the data plane has judged: it is of this host's tenant, or of any on a shared
    /// host, and it has not ended.
    case member(SessionEntry)
    /// Whoever runs Gatehouse: over the control socket, whose peer was the process's own user or root, or in process.
    case `operator`
}

extension PortalRequest {
    /// From parts, for a data plane that knows no HTTP vocabulary but its own.  Fields whose name is no token
    /// are left out.
    public init(
        method: Method, scheme: String, authority: String, path: String, fields: [(name: String, value: String)],
        client: ClientAddress, requestID: String
    ) {
        var list = HTTPFields()
        for field in fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            list.append(HTTPField(name: name, value: field.value))
        }
        let head = HTTPRequest(
            method: HTTPRequest.Method(rawValue: method.token) ?? .get, scheme: scheme, authority: authority,
            path: path,
            headerFields: list)
        self.init(head: head, client: client, requestID: requestID)
    }
}

/// The answer to a `PortalRequest`.  The data plane adds `Date`, `Content-Length`, `Connection` and, where
/// the handler set none, `Cache-Control: no-store`.
public struct PortalResponse: Sendable {
    public var head: HTTPResponse
    public var body: [UInt8]

    public init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

extension PortalResponse {
    /// The status code.
    public var statusCode: UInt16 { UInt16(clamping: head.status.code) }

    /// Names in lower case, and values, in order.
    public var fields: [(name: String, value: String)] {
        head.headerFields.map { ($0.name.canonicalName, $0.value) }
    }
}

/// Answers portal requests, off the event loops.
public typealias PortalHandler = @Sendable (PortalRequest) async -> PortalResponse

/// The languages that Gatehouse speaks.
public enum PageLanguage: String, Sendable, CaseIterable, Hashable {
    case english = "en"
    case german = "de"
}

/// A page rendered once, with holes that an event loop fills while it writes the answer.
public struct ByteTemplate: Sendable, Hashable {
    /// What a hole is filled with; the text is HTML-escaped by whoever fills it.
    public enum Slot: Sendable, Hashable { case requestID, host }

    public enum Piece: Sendable, Hashable {
        case bytes([UInt8])
        case slot(Slot)
    }

    public var pieces: [Piece]

    public init(pieces: [Piece]) { self.pieces = pieces }
}

/// Every refusal's page in every language, rendered at reload so that a loop never waits for a template.
public struct RefusalPages: Sendable {
    private var pages: [ReasonCode: [PageLanguage: ByteTemplate]]

    /// Asks `render` for each page once.
    public init(render: (ReasonCode, PageLanguage) -> ByteTemplate) {
        pages = [:]
        for reason in ReasonCode.allCases {
            for language in PageLanguage.allCases {
                pages[reason, default: [:]][language] = render(reason, language)
            }
        }
    }

    /// The page of `reason`.
    public func page(for reason: ReasonCode, in language: PageLanguage) -> ByteTemplate {
        pages[reason]?[language] ?? ByteTemplate(pieces: [])
    }
}
