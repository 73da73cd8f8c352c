import Core
import EventLoop
import HTTPWire

/// Which sockets a loop accepts from, and when it stops.
extension Worker {
    /// How long nothing is accepted after no descriptor was left, and none could be made free.
    static let acceptPause = Milliseconds(100)

    /// How long a connection between two requests stays when a drain begins: a client that is busy has sent its next
    /// request by then, which is answered and ends the connection; closed at once, that request would be lost.
    static let lastRequestTime = Milliseconds(500)

    func watch(_ listener: BoundListener) throws(SystemError) {
        let handle = listeners.reserve()
        listeners.fill(handle, with: listener)
        try poller.add(
            listener: listener.socket.socket, token: PollToken(kind: Kind.listener, handle: handle))
    }

    /// Listens on what the configuration has now: new sockets are watched, kept ones have their new role, and those that
    /// are not among them are left.
    func take(_ fresh: [BoundListener]) {
        guard !isDraining else { return }
        var known: [ListeningSocket] = []
        for handle in listeners.handles {
            guard let old = listeners[handle] else { continue }
            if let now = fresh.first(where: { $0.socket === old.socket }) {
                listeners.fill(handle, with: now)
                known.append(now.socket)
            } else {
                leave(handle)
            }
        }
        for listener in fresh where !known.contains(where: { $0 === listener.socket }) {
            // Where the kernel has no room for one more, another loop may have had it.
            try? watch(listener)
        }
    }

    /// Accepts from it no more.  Whoever waits by now is served: with the socket its queue would be reset, and a loop
    /// that was woken for a connection and did not take it would leave it to nobody.
    private func leave(_ handle: Handle) {
        guard let listener = listeners[handle] else { return }
        poller.remove(listener: listener.socket.socket)
        while accept(listener) {}
        listeners.remove(handle)
        listener.socket.leave()
    }

    /// No descriptor is left, not even the spare one: what waits goes on waiting for a moment, instead of waking the
    /// loop again and again.
    func pauseAccepting() {
        guard acceptsAgainAt == nil else { return }
        acceptsAgainAt = now &+ Self.acceptPause.count
        for handle in listeners.handles {
            if let listener = listeners[handle] { poller.remove(listener: listener.socket.socket) }
        }
    }

    /// Takes up accepting after a pause.
    func acceptAgain() {
        guard let due = acceptsAgainAt, due <= now else { return }
        acceptsAgainAt = nil
        for handle in listeners.handles {
            guard let listener = listeners[handle] else { continue }
            try? poller.add(
                listener: listener.socket.socket, token: PollToken(kind: Kind.listener, handle: handle))
        }
    }

    /// New connections are refused from now on, those that wait are still served; local listeners go on, so
    /// that probes can tell.
    /// - Parameter keepingIdle: whoever is between two requests may send one more until the end of the drain, instead of
    ///   for `lastRequestTime` alone.
    func beginDrain(until: UInt64, keepingIdle: Bool) {
        guard drainDeadline == nil else { return }
        drainDeadline = until
        board.close(seat)
        for handle in listeners.handles where listeners[handle]?.role.isLocal == false { leave(handle) }
        for handle in clients.handles {
            guard let client = clients[handle], !client.role.isLocal else { continue }
            if client.phase == .multiplexing {
                // GOAWAY lets it finish what it has begun, and open the rest elsewhere.
                announceEnd(client)
            } else if !keepingIdle, client.phase == .awaitingHead, client.input.isEmpty, client.stream == nil {
                setDeadline(client, after: Self.lastRequestTime)
            }
        }
    }

    /// Accepts no more, local listeners included; the sockets stay open for another process.
    func leaveListeners() {
        isLeaving = true
        for handle in listeners.handles { leave(handle) }
        // What is asked from now on is asked of the other process, on a connection of its own.
        for handle in clients.handles {
            if let client = clients[handle], client.phase == .multiplexing { announceEnd(client) }
        }
    }

    /// No client of a public listener is left, and none is on its way from another loop.
    var hasDrained: Bool {
        board.connections(of: seat) == 0
            && clients.handles.allSatisfy { handle in clients[handle]?.role.isLocal ?? true }
    }

    /// Every answer ends its connection.
    var isDraining: Bool { drainDeadline != nil || isLeaving }
}
