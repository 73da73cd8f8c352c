import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// WebSockets: once both ends have agreed, their bytes pass as they are, with the same bounds and back-pressure as bodies.
extension Worker {
    /// WebSockets of one loop.
    static let mostTunnels = 2048

    /// What the answer to the handshake in `requestHead` must say.
    func webSocketAccept(_ bytes: RawSpan) -> [UInt8] {
        guard case .asked(let key) = WebSocketHandshake.asked(requestHead, bytes) else { return [] }
        return WebSocketHandshake.accept(bytes.extracting(key.range), checksum: SHA1Checksum.bytes)
    }

    /// Lets the two ends speak with each other, after the 101 in `responseHead`.
    /// - Parameter bytes: of the head and what follows it.
    /// - Returns: false where the 101 does not fit what was asked for (security rule 6); nothing has been sent then.
    func openTunnel(_ client: ClientConnection, _ upstream: UpstreamConnection, _ bytes: RawSpan) -> Bool {
        guard WebSocketHandshake.isAccepted(responseHead, bytes, accept: upstream.exchange.webSocketAccept) else {
            return false
        }
        upstream.exchange.openTunnel()
        client.requestBody = BodyReader(.untilClose)
        client.bodyBytesLeft = .max
        client.isTunnelled = true
        client.closesAfterAnswer = true
        tunnels += 1
        counters.add(.webSocketsOpened)
        ResponseRewriter.write(
            responseHead, bytes, framing: .webSocket, policy: .asUpstreamSays, requestID: upstream.exchange.requestID,
            closes: false, ingredients: answerIngredients(client, upstream), host: upstream.exchange.host,
            into: &clientOut)
        setDeadline(upstream, after: idleTimeout(of: upstream))
        // What the client has said meanwhile has waited.
        client.isReadPaused = false
        ready.append(client.handle)
        return true
    }

    /// Ends the tunnels that nobody is signed in for on a tenant's hosts.
    func endAnonymousTunnels(of tenant: TenantID) {
        for handle in upstreams.handles {
            guard let upstream = upstreams[handle], upstream.exchange.isTunnel, upstream.exchange.session == nil,
                let index = upstream.exchange.tenant,
                upstream.exchange.configuration?.source.access.tenantID(at: index) == tenant
            else { continue }
            failExchange(upstream, .tenantSuspended)
        }
    }

    /// Ends a tunnel in order, as seen from both ends.
    func endTunnel(_ upstream: UpstreamConnection, _ reason: ReasonCode?) {
        let client = upstream.exchange.client.flatMap { clients[$0] }
        recordExchange(upstream, reason: reason)
        close(upstream)
        guard let client else { return }
        client.upstream = nil
        finishAnswer(client)
    }
}
