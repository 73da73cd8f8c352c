public import Core

/// What the postman tells the log.
public enum PostmanReport: Sendable {
    /// A letter, as far as a log may know it (security rule 31).
    public struct Letter: Sendable, Hashable {
        public let id: String
        public let kind: String
        public let tenant: TenantID
        public let maskedRecipient: String
    }

    case sent(Letter)
    /// It is tried again after `delay`.
    case deferred(Letter, words: String, delay: Milliseconds)
    case gaveUp(Letter, words: String)
    /// From now on no mail leaves.
    case serverFailing(String)
    case serverWorking
    /// Outbox or directory cannot be read.
    case storeFailing(any Error)
}

/// What has become of letters since the start.
public struct PostmanMetrics: Sendable, Hashable {
    /// Letters that wait in all tenants, as far as they have been looked at.
    public internal(set) var waiting = 0
    /// When the oldest of them was written.
    public internal(set) var oldest: WallTime?
    public internal(set) var sent: UInt64 = 0
    /// Tries that the server put off.
    public internal(set) var deferred: UInt64 = 0
    /// Letters that were refused, or whose time was over.
    public internal(set) var givenUp: UInt64 = 0
    /// Tries that found no server to speak with.
    public internal(set) var unavailable: UInt64 = 0
    /// Letters that were not even written, because too many waited.
    public internal(set) var dropped: UInt64 = 0

    public init() {}
}
