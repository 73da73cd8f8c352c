import Core
import Synchronization

/// Counts the open client connections of all loops, together and by address, and says whether one more may
/// come (security rule 30).  IPv6 counts by /64, which is what one customer has.
final class ConnectionLedger: Sendable {
    private struct State {
        var total = 0
        var perNetwork: [ClientAddress: Int] = [:]
    }

    private let state = Mutex(State())

    /// Takes a place, or tells why there is none.
    func admit(
        _ address: ClientAddress, total: Int, perAddress: Int, isExempt: Bool
    ) -> ReasonCode? {
        let network = Self.network(address)
        return state.withLock { state in
            guard state.total < total else { return .tooManyConnections }
            let count = state.perNetwork[network] ?? 0
            guard isExempt || count < perAddress else { return .tooManyConnectionsFromAddress }
            state.total += 1
            state.perNetwork[network] = count + 1
            return nil
        }
    }

    /// Gives the place back.
    func release(_ address: ClientAddress) {
        let network = Self.network(address)
        state.withLock { state in
            state.total -= 1
            let count = (state.perNetwork[network] ?? 1) - 1
            state.perNetwork[network] = count > 0 ? count : nil
        }
    }

    /// Open connections.
    var total: Int { state.withLock { $0.total } }

    /// What one customer has: an IPv4 address, or the /64 of an IPv6 address.
    static func network(_ address: ClientAddress) -> ClientAddress {
        address.isIPv4 ? address : address.network(prefix: 64)
    }
}
