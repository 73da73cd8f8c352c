public import Core
public import Store

/// Bounds failed logins.
public final class LoginThrottle: Sendable {
    /// A counter as an operator reads it.
    public struct Reading: Sendable, Hashable {
        /// `address`, `network`, `account` or `device`.
        public let kind: String
        /// What is counted.
        public let subject: String
        /// Failures that are still allowed.
        public let failuresLeft: Int
        /// Failures that a full bucket allows.
        public let capacity: Int
        /// When the bucket is full again.
        public let fullAt: WallTime
    }

    public init(
        store: ThrottleRepository, settings: @escaping @Sendable () -> ThrottleSettings,
        now: @escaping @Sendable () -> WallTime, bound: Int = 200_000
    ) {}

    /// Reads the counters of an earlier run.
    public func load() async throws {}
    /// Writes what has changed.
    public func flush() async throws {}
    /// The counters that are not full, the emptiest first.
    public func list(limit: Int = 1000) -> [Reading] { [] }
    /// Forgets every counter of an address; how many.
    @discardableResult public func clear(address: ClientAddress) async throws -> Int { 0 }
    /// Forgets every counter; how many.
    @discardableResult public func clearAll() async throws -> Int { 0 }
}
