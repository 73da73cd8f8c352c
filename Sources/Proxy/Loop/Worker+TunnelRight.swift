import Access
import Core
import EventLoop
import HTTPWire

/// What a WebSocket was opened on, so that its right to go on can be judged again.
final class TunnelGround {
    /// The facts of its handshake, with the token that the session has now.
    var facts: RequestFacts
    /// The tenant that the cookie's token names.
    let tenant: TenantID?
    /// What the client had said when that was looked at last.
    var bytesSeen: UInt64 = 0

    init(facts: RequestFacts, tenant: TenantID?) {
        self.facts = facts
        self.tenant = tenant
    }
}

/// A WebSocket lasts: what has permitted it is asked again after a reload, and its session does not outlive
/// `session.idle` unless its member says something.
extension Worker {
    /// Judges every tunnel by the configuration that has come into force.
    func judgeTunnels() {
        guard tunnels > 0 else { return }
        for handle in clients.handles {
            guard let client = clients[handle], client.isTunnelled else { continue }
            judgeTunnel(client)
        }
    }

    /// Tells the sessions of tunnels on which the member said something that they are used, and asks about those that
    /// look idle.
    func lookAtTunnelUses(_ instant: MonotonicInstant) {
        guard tunnels > 0 else { return }
        for handle in clients.handles {
            guard let client = clients[handle], client.isTunnelled, let ground = client.tunnelGround,
                let key = ground.facts.sessionKey, let upstream = tunnel(of: client),
                upstream.exchange.session != nil
            else { continue }
            let bytes = upstream.exchange.requestBytes
            if bytes != ground.bytesSeen, sessions.noteUse(of: key, now: instant) {
                ground.bytesSeen = bytes
            } else if sessions.looksIdle(key, now: instant) {
                judgeTunnel(client)
            }
        }
    }

    /// Decides anew on the handshake of a tunnel; where it would be refused today, the tunnel ends.
    ///
    /// A session that this loop does not hold, or that looks idle here, is asked of the store; its answer leads here
    /// again.  While the store cannot be asked the tunnel goes on, for as long as any stream does.
    func judgeTunnel(_ client: ClientConnection) {
        guard let ground = client.tunnelGround, let upstream = tunnel(of: client), client.awaitedSession == nil else {
            return
        }
        let decision = Gate.decide(
            ground.facts, snapshot: configuration.source.access, sessions: &sessions,
            now: MonotonicInstant(milliseconds: now), countsAsUse: false)
        switch decision {
        case .forward: return
        case .load(let key):
            facts = ground.facts
            _ = loadSession(key, tenant: ground.tenant, for: client)
        case .refuse(let refusal):
            failExchange(upstream, refusal.notedSessionReason ?? refusal.reason)
        case .portal: failExchange(upstream, .routeMissing)
        case .preflight: failExchange(upstream, .crossOrigin)
        }
    }

    func tunnel(of client: ClientConnection) -> UpstreamConnection? {
        guard let handle = client.upstream, let upstream = upstreams[handle], upstream.exchange.isTunnel else {
            return nil
        }
        return upstream
    }
}
