import Access
import Core
import EventLoop

/// Requests that wait for one session.
struct SessionWait {
    var clients: [Handle]
    /// `sessionChanges` when the store was asked.
    var askedAt: UInt64
    /// Whose load it counts as.
    var network: ClientAddress
    /// Whom the token names.
    var tenant: TenantID?
}

/// Sessions come from the store and end by order.
extension Worker {
    /// Most sessions that are asked of the store at once by one loop.
    static let mostSessionLoads = 1024
    /// Of these, for clients of one network; trusted proxies are exempt.
    static let mostSessionLoadsPerNetwork = 64
    /// Milliseconds for which the store is not asked again about a tenant whose data could not be read.
    static let storePause: UInt64 = 1000
    /// Tenants whose pauses are remembered.
    static let mostStorePauses = 1024
    /// Milliseconds after which the store learns of a use at the latest.
    static let usesPeriod: UInt64 = 60_000
    /// Milliseconds between two looks for streams that have outlived their session.
    static let streamPeriod: UInt64 = 5_000
    /// How long a request waits for the store, or for the portal.
    static let waitLimit = Milliseconds.seconds(30)
    /// How long a command may take over the control socket.
    static let commandLimit = Milliseconds.hours(1)

    /// Asks for a session that this loop does not hold; one look-up serves all that wait for it.
    /// - Parameter tenant: the one that the token names.
    /// - Returns: why it is not asked for; nil where it is.
    func loadSession(_ key: SessionKey, tenant: TenantID?, for client: ClientConnection) -> ReasonCode? {
        if let until = storePauses[tenant] {
            guard now >= until else { return .storeUnavailable }
            storePauses.removeValue(forKey: tenant)
        }
        if waitingForSession[key] != nil {
            client.awaitedSession = key
            waitingForSession[key]?.clients.append(client.handle)
            return nil
        }
        let network = ConnectionLedger.network(facts.client)
        let loads = loadsPerNetwork[network] ?? 0
        guard waitingForSession.count < Self.mostSessionLoads,
            loads < Self.mostSessionLoadsPerNetwork || configuration.isTrusted(facts.client)
        else { return .overloaded }
        loadsPerNetwork[network] = loads + 1
        client.awaitedSession = key
        waitingForSession[key] = SessionWait(
            clients: [client.handle], askedAt: sessionChanges, network: network, tenant: tenant)
        counters.add(.sessionLoads)
        let (mailbox, load) = (mailbox, seams.loadSession)
        Task {
            let found = await load(key, tenant)
            mailbox.post(.sessionLoaded(key, found))
        }
        return nil
    }

    /// The store has answered.  The heads still wait; they are read and decided anew.
    func sessionLoaded(_ key: SessionKey, _ found: SessionLookup) {
        guard let wait = waitingForSession.removeValue(forKey: key) else { return }
        let loads = (loadsPerNetwork[wait.network] ?? 1) - 1
        loadsPerNetwork[wait.network] = loads > 0 ? loads : nil
        // An answer that was under way while sessions were ended or made is not believed: it is asked for again.
        if wait.askedAt == sessionChanges {
            let instant = MonotonicInstant(milliseconds: now)
            switch found {
            case .found(let entry) where instant < entry.idleDeadline && instant < entry.absoluteDeadline:
                sessions.insert(entry, for: key)
            case .found, .missing: sessions.noteMissing(key, now: instant)
            case .unavailable:
                // One tenant's fault is no other's.
                if storePauses.count >= Self.mostStorePauses { storePauses.removeAll(keepingCapacity: true) }
                storePauses.updateValue(now &+ Self.storePause, forKey: wait.tenant)
            }
        }
        for handle in wait.clients {
            guard let client = clients[handle] else { continue }
            if client.isTunnelled {
                client.awaitedSession = nil
                judgeTunnel(client)
            }
            guard client.phase == .awaitingSession else { continue }
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
        // The look-up goes on without them: it still counts until the store has answered.
    }

    /// Ends sessions, and the exchanges that run under them (security rule 9), also those whose session the table has let
    /// go.
    func endSessions(_ selection: SessionSelection) {
        switch selection {
        case .handle(let handle): sessions.remove(handle: handle)
        case .user(let user, let tenant): sessions.remove(user: user, of: tenant)
        case .tenant(let tenant): sessions.remove(tenant: tenant)
        }
        endExchanges(.sessionExpired) { $0.isMeant(by: selection) }
        if case .tenant(let tenant) = selection { endAnonymousTunnels(of: tenant) }
    }

    /// A member is somebody else now, to applications: sessions go on, and what streams under them is judged again.
    func updateMember(_ user: UserID, _ tenant: TenantID, _ identity: MemberIdentity) {
        _ = sessions.update(user: user, of: tenant, to: identity)
        let selection = SessionSelection.user(user, of: tenant)
        for handle in upstreams.handles {
            guard let upstream = upstreams[handle], let session = upstream.exchange.session,
                upstream.exchange.client != nil, session.isMeant(by: selection),
                let snapshot = upstream.exchange.configuration?.source.access
            else { continue }
            let isPermitted = Gate.stillPermits(
                session.handle, routeAt: upstream.exchange.route, snapshot: snapshot, sessions: &sessions,
                now: MonotonicInstant(milliseconds: now))
            if !isPermitted { failExchange(upstream, .roleMissing) }
        }
    }

    /// A session has another token: copies under the old one are worth nothing, and WebSockets that were opened with it
    /// are judged by the new one from now on.
    func renewSession(_ handle: SessionHandle, _ key: SessionKey) {
        sessions.forget(handle: handle)
        for name in clients.handles {
            guard let client = clients[name], client.isTunnelled, let upstream = tunnel(of: client),
                upstream.exchange.session?.handle == handle
            else { continue }
            client.tunnelGround?.facts.sessionKey = key
        }
    }

    /// Has every session asked of the store again.
    /// - Parameter endingStreams: what runs under them ends too, because the store has been out for too long.
    func forgetSessions(endingStreams: Bool) {
        sessions.removeAll()
        if endingStreams { endExchanges(.storeUnavailable) { _ in true } }
    }

    /// Ends streams that have outlived their session, or whose member should have set a second factor up by now.
    func endOverdueStreams() {
        guard now >= streamsDue else { return }
        streamsDue = now &+ Self.streamPeriod
        let instant = MonotonicInstant(milliseconds: now)
        endExchanges(.sessionExpired) { $0.endsAt <= instant }
        if sessions.hasSecondFactorsDue {
            endExchanges(.mfaRequired) { sessions.isSecondFactorOverdue($0.handle, now: instant) }
        }
        lookAtTunnelUses(instant)
    }

    private func endExchanges(_ reason: ReasonCode, _ isMeant: (SessionReference) -> Bool) {
        for handle in upstreams.handles {
            guard let upstream = upstreams[handle], let session = upstream.exchange.session,
                upstream.exchange.client != nil, isMeant(session)
            else { continue }
            failExchange(upstream, reason)
        }
    }

    /// Tells the store when sessions were used last, once a minute.
    func tellUses() {
        guard now >= usesDue, sessions.hasUntoldUses else { return }
        usesDue = now &+ Self.usesPeriod
        seams.noteUses(sessions.takeUses())
    }

    /// The application has asked for the end of the session that it answers (`Gatehouse-Session: end`).
    func endSessionOfExchange(_ upstream: UpstreamConnection) {
        guard let session = upstream.exchange.session else { return }
        // This answer is delivered; whatever else runs under the session ends with it.
        upstream.exchange.leaveSession()
        sessionChanges += 1
        // Told first: whoever asks the store for it from here on is told that it has ended.
        seams.endSession(session.handle, session.tenant)
        endSessions(.handle(session.handle))
    }
}
