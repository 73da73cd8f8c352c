import Access
import Core
import HTTPWire

/// Requests in clear: the way to https, or the way in for balancers that end TLS themselves.
extension Worker {
    /// What becomes of the request in `requestHead` on a listener without TLS.
    /// - Returns: true where it goes on like one that came by TLS; else it has been answered.
    func isTakenInClear(_ client: ClientConnection, _ bytes: RawSpan, _ settings: ListenerSettings) -> Bool {
        client.saysHTTPS = false
        guard settings.servesInClear else {
            redirectToHTTPS(client, bytes)
            return false
        }
        switch scheme(client, bytes) {
        case .https:
            client.saysHTTPS = true
            return true
        case .http: redirectToHTTPS(client, bytes)
        case .unsaid: refuseInClear(client, bytes)
        }
        return false
    }

    /// By which scheme the client came to its balancer; unsaid also where whoever connects is no trusted proxy.
    ///
    /// A PROXY header is the balancer's own word.  Fields are a balancer's only where the one that they came from is
    /// trusted: behind a balancer that passes bytes through, they are the client's.
    private func scheme(_ client: ClientConnection, _ bytes: RawSpan) -> ForwardedScheme {
        guard configuration.isTrusted(client.socketPeer) else { return .unsaid }
        var scheme = ForwardedScheme.unsaid
        if configuration.isTrusted(client.peer), !client.hidesItsClient {
            scheme = ForwardedScheme.said(requestHead, bytes)
        }
        switch client.proxySaysTLS {
        case true where scheme == .unsaid: scheme = .https
        case false: scheme = .http
        default: break
        }
        return scheme
    }

    private func refuseInClear(_ client: ClientConnection, _ bytes: RawSpan) {
        let malformed = Admission.read(
            requestHead, bytes, connection: client, configuration: configuration, facts: &facts, findings: &findings)
        client.closesAfterAnswer = true
        refuse(client, bytes, .beforeDecision(malformed ?? .cleartextRefused, facts: facts))
    }
}
