public import Core
import Synchronization

/// What a loop counts.  Only the loop writes; the metrics page reads from another thread, so each number is
/// an atomic that is loaded and stored without a locked instruction.
public final class LoopCounters: Sendable {
    /// The counters, by name in `gatehouse_…`.
    public enum Counter: Int, CaseIterable, Sendable {
        case connectionsAccepted, connectionsClosed, connectionsRefused, acceptsExhausted
        case handshakes, handshakesResumed, handshakesFailed
        case requests, requestsForwarded, bytesReceived, bytesSent, upstreamBytesReceived, upstreamBytesSent
        case upstreamConnects, upstreamReuses, upstreamConnectFailures, upstreamRetries, upstreamConnectionsClosed
        case sessionHits, sessionLoads, portalCalls, mailboxMessages
        case logLines, logLinesDropped, forwardingHeadersFromUntrusted
        case status1xx, status2xx, status3xx, status4xx, status5xx
        case pollWaits, timersFired
        case webSocketsOpened
        case http2Connections, http2Streams, http2Resets, http2Floods
        case upstreamWaits
    }

    /// Upper bounds of the request duration histogram, in milliseconds; the last bucket has none.
    public static let durationBounds: [UInt64] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000]

    private static let reasonStart = 64
    private static let durationStart = 192
    private let numbers: InlineArray<256, Atomic<UInt64>>

    public init() {
        numbers = InlineArray { _ in Atomic(0) }
    }

    private func add(_ count: UInt64, at index: Int) {
        let current = numbers[index].load(ordering: .relaxed)
        numbers[index].store(current &+ count, ordering: .relaxed)
    }

    func add(_ counter: Counter, _ count: Int = 1) { add(UInt64(count), at: counter.rawValue) }

    func add(refusal reason: ReasonCode) { add(1, at: Self.reasonStart + Int(reason.rawValue)) }

    func add(duration milliseconds: UInt64) {
        var bucket = 0
        while bucket < Self.durationBounds.count, milliseconds > Self.durationBounds[bucket] { bucket += 1 }
        add(1, at: Self.durationStart + bucket)
        add(milliseconds, at: Self.durationStart + 16)
    }

    /// The counter's value now.
    public func value(_ counter: Counter) -> UInt64 { numbers[counter.rawValue].load(ordering: .relaxed) }

    /// Refusals with this reason.
    public func refusals(_ reason: ReasonCode) -> UInt64 {
        numbers[Self.reasonStart + Int(reason.rawValue)].load(ordering: .relaxed)
    }

    /// Requests in each bucket of `durationBounds` and beyond it, and the sum of all durations in milliseconds.
    public var durations: (buckets: [UInt64], sum: UInt64) {
        (
            (0...Self.durationBounds.count).map { numbers[Self.durationStart + $0].load(ordering: .relaxed) },
            numbers[Self.durationStart + 16].load(ordering: .relaxed)
        )
    }
}

/// What a loop has at this moment.
public final class LoopGauges: Sendable {
    public enum Gauge: Int, CaseIterable, Sendable {
        case clientConnections, upstreamConnections, upstreamConnectionsIdle, sessionsCached, sessionEvictions
        case generation, timers, webSockets, http2Connections, http2Streams, upstreamRequestsWaiting
    }

    private let numbers: InlineArray<16, Atomic<UInt64>>

    public init() { numbers = InlineArray { _ in Atomic(0) } }

    func set(_ gauge: Gauge, _ value: Int) { numbers[gauge.rawValue].store(UInt64(max(0, value)), ordering: .relaxed) }

    public func value(_ gauge: Gauge) -> UInt64 { numbers[gauge.rawValue].load(ordering: .relaxed) }
}
