import Core
import EventLoop
import HTTPWire
import HostCrypto

/// Stop 1: connections come in.
extension Worker {
    /// Connections of one loop to local listeners.
    static let mostLocalConnections = 1024

    /// Who counts the connections of listeners of this role.
    func ledger(of role: ListenerRole) -> ConnectionLedger { role.isLocal ? localLedger : ledger }

    /// Takes some of those who wait.
    /// - Returns: false where nobody waits any more, or nobody can be taken now.
    @discardableResult
    func accept(_ listener: BoundListener) -> Bool {
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.socket.socket.accept() {
            case .connection(let socket, let from):
                place(socket, from, listener.role)
            case .nobody:
                return false
            case .exhausted:
                makeRoom(listener)
                return false
            }
        }
        return true
    }

    /// Out of descriptors: the connection that waits is taken with the spare one and closed, so that the queue does not
    /// spin, and everything that is open goes on.
    private func makeRoom(_ listener: BoundListener) {
        counters.add(.acceptsExhausted)
        var isStuck = false
        spare.lend {
            if case .exhausted = listener.socket.socket.accept() { isStuck = true }
        }
        // Somebody else had the spare one.
        if isStuck { pauseAccepting() }
    }

    /// Keeps a connection or sends it to the loop that has the fewest; a local listener's stays.
    private func place(_ socket: consuming Socket, _ from: SocketAddress, _ role: ListenerRole) {
        guard !role.isLocal else { return admit(socket, from, role) }
        let chosen = board.place(from: seat)
        guard chosen != seat else { return admit(socket, from, role) }
        board.hand(ArrivedConnection(socket, from: from, role: role), to: chosen)
    }

    /// Another loop has accepted it for this one.
    func arrived(_ connection: ArrivedConnection) {
        guard let socket = connection.take() else { return }
        admit(socket, connection.from, connection.role)
    }

    /// What is not let in gives its seat back.
    private func admit(_ socket: consuming Socket, _ from: SocketAddress, _ role: ListenerRole) {
        if !letIn(socket, from, role), !role.isLocal { board.leave(seat) }
    }

    /// - Returns: whether the connection is open, or was and has given its seat back.
    private func letIn(_ socket: consuming Socket, _ from: SocketAddress, _ role: ListenerRole) -> Bool {
        let peer = ClientAddress(high: from.high, low: from.low)
        let isTrusted = configuration.isTrusted(peer)
        let limits = configuration.limits
        let isLocal = role.isLocal
        var awaitsProxyHeader = false
        var context: TLSServerContext?
        switch role.kind {
        case .gateway(let settings, let tls):
            awaitsProxyHeader = settings.takesProxyHeader
            context = tls
        case .local: break
        case .control:
            // Mode 0600 has kept it out already; this is the second lock.
            guard socket.isPeerTrusted else {
                counters.add(.connectionsRefused)
                return false
            }
        }
        guard !awaitsProxyHeader || isTrusted else {
            counters.add(.connectionsRefused)
            counters.add(refusal: .proxyHeaderUntrusted)
            return false
        }
        if let reason = ledger(of: role).admit(
            peer, total: isLocal ? Self.mostLocalConnections : limits.connections,
            perAddress: isLocal ? Self.mostLocalConnections : limits.connectionsPerAddress, isExempt: isTrusted)
        {
            counters.add(.connectionsRefused)
            counters.add(refusal: reason)
            return false
        }
        counters.add(.connectionsAccepted)
        var tls: TLSSession?
        if let context {
            tls = TLSSession(context, scratch: tlsScratch)
            if tls == nil {
                counters.add(.connectionsClosed)
                ledger(of: role).release(peer)
                return false
            }
        }
        open(socket, tls: tls, peer: peer, role, awaitsProxyHeader: awaitsProxyHeader)
        return true
    }

    private func open(
        _ socket: consuming Socket, tls: consuming TLSSession?, peer: ClientAddress, _ role: ListenerRole,
        awaitsProxyHeader: Bool
    ) {
        let handle = clients.reserve()
        let client = ClientConnection(
            handle: handle, socket: socket, tls: tls, role: role, peer: peer)
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
            if client.tls == nil { client.proxySaysTLS = client.input.withBytes { ProxyHeader.saysTLS($0) } }
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
        let ledger = ledger(of: client.role)
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
