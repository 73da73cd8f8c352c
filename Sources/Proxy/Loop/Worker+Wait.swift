import Access
import Core
import EventLoop
import HTTPWire

/// The circuit before an upstream: as many connections as `limits` allows, and a row for those who come later.
///
/// Whoever waits is an exchange like any other, on a connection that is not there yet: its body may come meanwhile, up
/// to the usual bound, and its client may leave.
extension Worker {
    /// A connection, or a place in the row for one: nobody overtakes those who wait there already.
    func lendOrWait(_ index: Int, client: UInt64, tried: inout ServerSet) -> Lending {
        if groups[configuration.groups[index]].row.isEmpty {
            let lending = lend(index, of: configuration, client: client, tried: &tried)
            guard case .nothing(.upstreamOverloaded) = lending else { return lending }
        }
        guard let place = waitInRow(for: index, of: configuration) else { return .nothing(.upstreamOverloaded) }
        return .lent(place)
    }

    /// What `client_address` chooses by; nothing where another policy does not ask for it.
    func clientKey(for index: Int) -> UInt64 {
        guard groups[configuration.groups[index]].balance.policy == .clientAddress else { return 0 }
        return Mixing.key(high: facts.client.high, low: facts.client.low)
    }

    /// A place at the end of the row for an upstream of `configuration`; nil where the row is full.
    private func waitInRow(for index: Int, of configuration: LoopConfiguration) -> UpstreamConnection? {
        let group = configuration.groups[index]
        let handle = upstreams.reserve()
        let place = UpstreamConnection(waiting: handle, group: group)
        upstreams.fill(handle, with: place)
        guard groups[group].row.enter(handle) else {
            upstreams.remove(handle)
            return nil
        }
        waiting += 1
        counters.add(.upstreamWaits)
        setDeadline(place, after: configuration.source.settings.upstreams[index].connectTimeout.count)
        return place
    }

    /// Gives a place up: it was served, has waited too long, or its client has left.
    func leaveRow(_ place: UpstreamConnection) {
        groups[place.group].row.leave(place.handle)
        waiting -= 1
    }

    /// A connection of the group is free, or one less is open.
    func noteFreed(_ group: Int) {
        guard !groups[group].row.isEmpty, !groups[group].isFreed else { return }
        groups[group].isFreed = true
        freedGroups.append(group)
    }

    /// Serves those who wait, first come, first served.  Not where a connection becomes free, but here, between two events,
    /// where the scratch is nobody's.
    func serveRows() {
        guard !freedGroups.isEmpty else { return }
        let round = freedGroups
        freedGroups.removeAll(keepingCapacity: true)
        for group in round {
            groups[group].isFreed = false
            serveRow(of: group)
        }
    }

    private func serveRow(of group: Int) {
        while let handle = groups[group].row.first {
            guard let place = upstreams[handle], let configuration = place.exchange.configuration else {
                groups[group].row.leave(handle)
                continue
            }
            switch lend(
                place.exchange.upstream, of: configuration, client: place.exchange.clientKey,
                tried: &place.exchange.tried)
            {
            case .lent(let other):
                other.unsent.append(moving: &place.unsent)
                adopt(place, by: other)
            case .nothing(.upstreamOverloaded): return
            case .nothing(let reason): failExchange(place, reason)
            }
        }
    }
}
