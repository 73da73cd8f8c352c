import Access
import Core
import EventLoop

/// Requests that wait for one session.
struct SessionWait {
    var clients: [Handle]
    /// `sessionChanges` when the store was asked.
    var askedAt: UInt64
}

/// Sessions come from the store and end by order.
extension Worker {
    /// Most sessions that are asked of the store at once by one loop.
    static let mostSessionLoads = 1024
    /// How long a request waits for the store, or for the portal.
    static let waitLimit = Milliseconds.seconds(30)

    /// Asks for a session that this loop does not hold; one look-up serves all that wait for it.
    /// - Returns: false where too many are asked for already.
    func loadSession(_ key: SessionKey, for client: ClientConnection) -> Bool {
        client.awaitedSession = key
        if waitingForSession[key] != nil {
            waitingForSession[key]?.clients.append(client.handle)
            return true
        }
        guard waitingForSession.count < Self.mostSessionLoads else { return false }
        waitingForSession[key] = SessionWait(clients: [client.handle], askedAt: sessionChanges)
        ask(key)
        return true
    }

    private func ask(_ key: SessionKey) {
        counters.add(.sessionLoads)
        let (mailbox, load) = (mailbox, seams.loadSession)
        Task {
            let entry = await load(key)
            mailbox.post(.sessionLoaded(key, entry))
        }
    }

    /// The store has answered.  The heads still wait; they are read and decided anew.
    func sessionLoaded(_ key: SessionKey, _ entry: SessionEntry?) {
        guard let wait = waitingForSession.removeValue(forKey: key) else { return }
        // An answer that was under way while sessions were ended or made is not believed: it is asked for again.
        if wait.askedAt == sessionChanges {
            let instant = MonotonicInstant(milliseconds: now)
            if let entry, instant < entry.idleDeadline, instant < entry.absoluteDeadline {
                sessions.insert(entry, for: key)
            } else {
                sessions.noteMissing(key, now: instant)
            }
        }
        for handle in wait.clients {
            guard let client = clients[handle], client.phase == .awaitingSession else { continue }
            client.phase = .awaitingHead
            client.awaitedSession = nil
            client.isReadPaused = false
            setDeadline(client, after: configuration.limits.headerTimeout)
            ready.append(handle)
        }
    }

    /// The client waits no longer.
    func forgetWait(_ client: ClientConnection) {
        guard let key = client.awaitedSession else { return }
        client.awaitedSession = nil
        waitingForSession[key]?.clients.removeAll { $0 == client.handle }
        if waitingForSession[key]?.clients.isEmpty == true { waitingForSession[key] = nil }
    }

    /// Ends sessions, and the exchanges that run under them (security rule 9).
    func endSessions(_ selection: SessionSelection) {
        let ended: Set<SessionHandle>
        switch selection {
        case .handle(let handle):
            ended = [handle]
            sessions.remove(handle: handle)
        case .user(let user, let tenant):
            ended = sessions.handles(user: user, of: tenant)
            sessions.remove(user: user, of: tenant)
        case .tenant(let tenant):
            ended = sessions.handles(tenant: tenant)
            sessions.remove(tenant: tenant)
        }
        for handle in upstreams.handles {
            guard let upstream = upstreams[handle], let session = upstream.exchange.session,
                upstream.exchange.client != nil, ended.contains(session)
            else { continue }
            failExchange(upstream, .sessionExpired)
        }
    }
}
