import Core
import EventLoop
import HTTPWire
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
        var awaitsProxyHeader = false
        if case .gateway(let position) = listeners[index].purpose {
            awaitsProxyHeader = configuration.source.settings.listeners[position].takesProxyHeader
        }
        guard !awaitsProxyHeader || isTrusted else {
            counters.add(.connectionsRefused)
            counters.add(refusal: .proxyHeaderUntrusted)
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
        if case .gateway(let position) = listeners[index].purpose, let context = configuration.source.tls[position] {
            tls = TLSSession(context, scratch: tlsScratch)
            if tls == nil {
                counters.add(.connectionsClosed)
                ledger(of: index).release(peer)
                return
            }
        }
        open(socket, tls: tls, peer: peer, index, awaitsProxyHeader: awaitsProxyHeader)
    }

    private func open(
        _ socket: consuming Socket, tls: consuming TLSSession?, peer: ClientAddress, _ index: Int,
        awaitsProxyHeader: Bool
    ) {
        let handle = clients.reserve()
        let client = ClientConnection(
            handle: handle, socket: socket, tls: tls, listener: index, peer: peer)
        if awaitsProxyHeader { client.phase = .awaitingProxyHeader }
        clients.fill(handle, with: client)
        do {
            try poller.add(stream: client.socket, token: PollToken(kind: Kind.client, handle: handle))
        } catch {
            close(client, reason: .internalFault)
            return
        }
        let limits = configuration.limits
        setDeadline(client, after: client.phase == .awaitingHead ? limits.headerTimeout : limits.handshakeTimeout)
        // What came with the connection needs no event of its own: the first edge will tell of it.
    }

    /// Takes the PROXY header from the front of what has come; what follows it stays in `ciphertext`.
    /// - Returns: false where more must come, or where the connection is closed.
    func takeProxyHeader(_ client: ClientConnection) -> Bool {
        client.input.append(moving: &ciphertext)
        switch client.input.withBytes({ ProxyHeader.read($0) }) {
        case .incomplete: return false
        case .malformed:
            close(client, reason: .proxyHeaderMalformed)
            return false
        case .complete(let length, let address):
            client.input.consume(length)
            ciphertext.append(moving: &client.input)
            client.input.releaseStorage()
            client.phase = client.tls == nil ? .awaitingHead : .handshaking
            guard let address else {
                client.hidesItsClient = true
                return true
            }
            return address == client.peer || take(address, for: client)
        }
    }

    /// From here on the connection is this client's, and counts as theirs.
    private func take(_ address: ClientAddress, for client: ClientConnection) -> Bool {
        let limits = configuration.limits
        let ledger = ledger(of: client.listener)
        // It has a place among all already, which the balancer gives back.
        if let reason = ledger.admit(
            address, total: limits.connections + 1, perAddress: limits.connectionsPerAddress,
            isExempt: configuration.isTrusted(address))
        {
            counters.add(.connectionsRefused)
            close(client, reason: reason)
            return false
        }
        ledger.release(client.peer)
        client.isFrom(address)
        return true
    }
}
