public import Core
import Synchronization

/// What the loops last saw of each application server, for the health page.
///
/// Written when a connection is made or cannot be made, never for a request.
public final class ServerBoard: Sendable {
    /// The last attempt to connect to a server.
    public struct Sighting: Sendable, Hashable {
        public var isReachable: Bool
        /// When, on the monotonic clock.
        public var at: MonotonicInstant
        /// Why it is not, where that is known.
        public var fault: String?
    }

    private let sightings = Mutex<[String: Sighting]>([:])

    public init() {}

    func note(_ server: String, isReachable: Bool, at now: UInt64, _ fault: String? = nil) {
        sightings.withLock {
            $0[server] = Sighting(
                isReachable: isReachable, at: MonotonicInstant(milliseconds: now), fault: fault)
        }
    }

    /// The last sighting of each server that was tried, by its configured text.
    public var all: [String: Sighting] { sightings.withLock { $0 } }
}
