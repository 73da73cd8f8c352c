import Core
import EventLoop
import HostCrypto

/// Stop 1: connections come in.
extension Worker {
    /// Connections of one loop to local listeners.
    static let mostLocalConnections = 1024

    /// Who counts a listener's connections.
    func ledger(of listener: Int) -> ConnectionLedger {
        listeners[listener].isLocal ? localLedger : ledger
    }

    func accept(_ index: Int) {
        let listener = listeners[index]
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.socket.accept() {
            case .connection(let socket, let from):
                admit(socket, from, index)
            case .nobody:
                return
            case .exhausted:
                // Out of descriptors: the connection that waits is taken with the spare one and closed, so
                // that the queue does not spin, and everything that is open goes on.
                counters.add(.acceptsExhausted)
                spare.lend { _ = listener.socket.accept() }
                return
            }
        }
    }

    private func admit(_ socket: consuming Socket, _ from: SocketAddress, _ index: Int) {
        let peer = ClientAddress(high: from.high, low: from.low)
        let isTrusted = configuration.isTrusted(peer)
        let limits = configuration.limits
        let isLocal = listeners[index].isLocal
        if case .control = listeners[index].purpose, !socket.isPeerTrusted {
            // Mode 0600 has kept it out already; this is the second lock.
            counters.add(.connectionsRefused)
            return
        }
        if let reason = ledger(of: index).admit(
            peer, total: isLocal ? Self.mostLocalConnections : limits.connections,
            perAddress: isLocal ? Self.mostLocalConnections : limits.connectionsPerAddress, isExempt: isTrusted)
        {
            counters.add(.connectionsRefused)
            counters.add(refusal: reason)
            return
        }
        counters.add(.connectionsAccepted)
        var tls: TLSSession?
        if case .gateway(let position) = listeners[index].purpose {
            tls = TLSSession(configuration.source.tls[position], scratch: tlsScratch)
            if tls == nil {
                ledger(of: index).release(peer)
                return
            }
        }
        open(socket, tls: tls, peer: peer, index)
    }

    private func open(
        _ socket: consuming Socket, tls: consuming TLSSession?, peer: ClientAddress, _ index: Int
    ) {
        let handle = clients.reserve()
        let client = ClientConnection(
            handle: handle, socket: socket, tls: tls, listener: index, peer: peer)
        clients.fill(handle, with: client)
        do {
            try poller.add(stream: client.socket, token: PollToken(kind: Kind.client, handle: handle))
        } catch {
            close(client, reason: .internalFault)
            return
        }
        let limits = configuration.limits
        setDeadline(client, after: client.phase == .handshaking ? limits.handshakeTimeout : limits.headerTimeout)
        // What came with the connection needs no event of its own: the first edge will tell of it.
    }
}
