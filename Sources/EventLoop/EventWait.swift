import Synchronization

/// Lets one thread sleep until another wakes it, or a time is over.
public final class EventWait: Sendable {
    private let poller: Mutex<Poller>
    private let waker: Waker

    public init() throws(SystemError) {
        let poller = try Poller()
        waker = poller.waker
        self.poller = Mutex(poller)
    }

    /// Ends a `wait`, now or the next one.
    public func wake() { waker.wake() }

    /// Sleeps until `wake`, at most so long; nil waits for ever.
    public func wait(milliseconds: Int32?) {
        poller.withLock { poller in
            if poller.wait(milliseconds: milliseconds) > 0 { poller.acknowledgeWakeup() }
        }
    }

    /// Lets other threads go on for a millisecond.
    public func pause() {
        guard let brief = try? Poller() else { return }
        _ = brief.wait(milliseconds: 1)
    }
}
