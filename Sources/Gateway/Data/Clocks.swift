import Core
import EventLoop

/// The machine's clocks as the store, the login and the portal take them: arguments, so that tests can give others.
enum Clocks {
    static let wall: @Sendable () -> WallTime = { WallTime(milliseconds: SystemClock.wallMilliseconds) }
    static let monotonic: @Sendable () -> MonotonicInstant = {
        MonotonicInstant(milliseconds: SystemClock.monotonicMilliseconds)
    }
}
