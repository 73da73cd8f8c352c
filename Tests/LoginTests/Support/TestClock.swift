import Core
import Synchronization

/// Both clocks of a test; they stand still unless they are told.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(0)

    @Sendable func wall() -> WallTime { WallTime(milliseconds: 1_700_000_000_000 + milliseconds.withLock { $0 }) }

    @Sendable func monotonic() -> MonotonicInstant {
        MonotonicInstant(milliseconds: UInt64(max(0, 1_000_000 + milliseconds.withLock { $0 })))
    }

    func advance(_ duration: Milliseconds) { milliseconds.withLock { $0 += Int64(duration.count) } }

    func goBack(_ duration: Milliseconds) { milliseconds.withLock { $0 -= Int64(duration.count) } }
}

/// A value that a test and what it tests both hold.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value {
        get { mutex.withLock { $0 } }
        set { mutex.withLock { $0 = newValue } }
    }

    func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}
