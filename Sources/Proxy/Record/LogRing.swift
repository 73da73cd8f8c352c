public import HTTPWire
import Synchronization

/// Lines on their way from a loop to the log's writer: bounded, and never waited for.
///
/// Two buffers change places: the loop fills one while the writer empties the other.  A loop that finds its
/// buffer full drops the line and counts it; it never blocks on a slow disk.
public final class LogRing: Sendable {
    /// Bytes that may wait.
    public static let bound = 4 * 1024 * 1024
    /// Bytes at which the writer is woken before its time.
    static let wakeAt = 256 * 1024

    private struct State: ~Copyable {
        var filling = WireBuffer()
        var wasWoken = false
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds a line.
    /// - Returns: whether there was room, and whether the writer should be woken.
    func append(_ line: RawSpan) -> (isKept: Bool, wakes: Bool) {
        state.withLock { state in
            guard state.filling.count + line.byteCount <= Self.bound else { return (false, false) }
            state.filling.append(line)
            guard state.filling.count >= Self.wakeAt, !state.wasWoken else { return (true, false) }
            state.wasWoken = true
            return (true, true)
        }
    }

    /// Exchanges the filled buffer for `emptied`, whose bytes are forgotten.
    public func swap(_ emptied: inout WireBuffer) {
        emptied.removeAll()
        state.withLock { state in
            Swift.swap(&state.filling, &emptied)
            state.wasWoken = false
        }
    }

    /// Bytes waiting.
    public var waiting: Int { state.withLock { $0.filling.count } }
}
