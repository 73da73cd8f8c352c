public import HTTPWire

/// Which way a header field goes.
public enum FieldDirection: Sendable, Hashable {
    /// To the application.
    case request
    /// To the client.
    case response

    /// True for a field that a route's `request_headers` or `response_headers` may set or remove.
    public func mayRule(_ field: FieldName) -> Bool {
        switch self {
        case .request: RequestRewriter.mayRule(field)
        case .response: ResponseRewriter.mayRule(field)
        }
    }
}

extension RequestRewriter {
    /// True for a field that a route's rules may set or remove: nothing that identifies, frames, routes or forwards, and
    /// nothing that concerns the connection.
    static func mayRule(_ id: FieldName) -> Bool {
        switch id {
        case .cookie, .secWebSocketKey, .secWebSocketVersion, .secWebSocketAccept, .secWebSocketProtocol,
            .secWebSocketExtensions:
            false
        default: passes(id)
        }
    }
}

extension ResponseRewriter {
    /// True for a field that a route's rules may set or remove.
    static func mayRule(_ id: FieldName) -> Bool {
        switch id {
        case .lookAlike, .forwarding, .host, .expect, .secWebSocketKey, .secWebSocketVersion, .secWebSocketAccept,
            .secWebSocketProtocol, .secWebSocketExtensions, .strictTransportSecurity:
            false
        default: passes(id) || id == .location
        }
    }
}
