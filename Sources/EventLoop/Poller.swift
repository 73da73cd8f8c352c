import CLinux

/// What an event concerns: a kind chosen by the owner, and the handle of a connection.
///
/// A handle carries a generation, so that an event that was queued for a connection already closed
/// finds nothing instead of its successor.
public struct PollToken: Hashable, Sendable {
    public let kind: UInt8
    public let handle: Handle

    public init(kind: UInt8, handle: Handle) {
        self.kind = kind
        self.handle = handle
    }

    var bits: UInt64 {
        UInt64(kind) << 56 | UInt64(handle.generation & Handle.generationMask) << 32 | UInt64(handle.index)
    }

    init(bits: UInt64) {
        kind = UInt8(bits >> 56)
        handle = Handle(
            index: UInt32(truncatingIfNeeded: bits),
            generation: UInt32(truncatingIfNeeded: bits >> 32) & Handle.generationMask)
    }
}

/// What has become possible on a descriptor.
public struct PollEvent: Sendable {
    public let token: PollToken
    let events: UInt32

    /// Bytes, or the end of them, can be received.
    public var isReadable: Bool { events & UInt32(GH_READABLE) != 0 }
    /// Bytes can be sent, or a connection attempt has ended.
    public var isWritable: Bool { events & UInt32(GH_WRITABLE) != 0 }
    /// The peer has closed its sending side.
    public var isPeerClosed: Bool { events & UInt32(GH_PEER_CLOSED) != 0 }
    /// Both directions are dead, or the socket has failed.
    public var isBroken: Bool { events & UInt32(GH_ERROR | GH_HANGUP) != 0 }
}

/// One epoll instance: descriptors in, events out.
///
/// Streams are registered once, edge-triggered, for their whole life; a receive that returned fewer
/// bytes than asked for means that the next edge will come.
@safe public struct Poller: ~Copyable {
    private let descriptor: Int32
    private let wakeup: WakeupDescriptor
    private let events: UnsafeMutablePointer<gh_event>

    /// Most events that one wait reports.
    public static let mostEvents = 256
    /// The kind of the token that `wake` produces.
    public static let wakeupKind: UInt8 = 0

    public init() throws(SystemError) {
        let epoll = try SystemError.check(gh_epoll_create(), "create an epoll instance")
        let event = WakeupDescriptor()
        let token = PollToken(kind: Self.wakeupKind, handle: Handle(index: 0, generation: 0))
        let added = event.number < 0 ? event.number : gh_epoll_add_wakeup(epoll, event.number, token.bits)
        guard added >= 0 else {
            _ = gh_close(epoll)
            throw SystemError(number: -added, attempt: "create an event descriptor")
        }
        descriptor = epoll
        wakeup = event
        unsafe events = UnsafeMutablePointer<gh_event>.allocate(capacity: Self.mostEvents)
    }

    deinit {
        unsafe events.deallocate()
        _ = gh_close(descriptor)
    }

    /// A value that wakes this poller from any thread; once the poller is gone, it does nothing.
    public var waker: Waker { Waker(wakeup: wakeup) }

    /// Watches a connected or connecting socket for everything, edge-triggered.
    public func add(stream: borrowing Socket, token: PollToken) throws(SystemError) {
        _ = try SystemError.check(
            gh_epoll_add_stream(descriptor, stream.descriptor, token.bits), "watch a connection")
    }

    /// Watches a listening socket that other pollers watch too; one of them is woken.
    public func add(listener: borrowing Socket, token: PollToken) throws(SystemError) {
        _ = try SystemError.check(
            gh_epoll_add_listener(descriptor, listener.descriptor, token.bits), "watch a listener")
    }

    /// Stops watching a listening socket, which stays open.
    public func remove(listener: borrowing Socket) {
        _ = gh_epoll_remove(descriptor, listener.descriptor)
    }

    /// Waits until something happens or the time is over, and returns how many events there are.
    /// - Parameter milliseconds: nil waits for ever.
    public func wait(milliseconds: Int32?) -> Int {
        // `events` has room for `mostEvents`, and the kernel is told so.
        let count = unsafe gh_epoll_wait(descriptor, events, Int32(Self.mostEvents), milliseconds ?? -1)
        return max(Int(count), 0)
    }

    /// The event at `index` of the last wait.
    public func event(at index: Int) -> PollEvent {
        precondition(index >= 0 && index < Self.mostEvents)
        let event = unsafe events[index]
        return PollEvent(token: PollToken(bits: event.token), events: event.events)
    }

    /// Takes back what `wake` did; called when the event of `wakeupKind` has come.
    public func acknowledgeWakeup() { _ = gh_eventfd_clear(wakeup.number) }
}

/// The descriptor behind a wake-up, open until the poller and the last waker have gone: a late wake-up never
/// reaches another file that was given the same number since.
private final class WakeupDescriptor: Sendable {
    let number: Int32

    init() { number = gh_eventfd() }

    deinit { if number >= 0 { _ = gh_close(number) } }
}

/// Wakes one poller from any thread.
public struct Waker: Sendable {
    fileprivate let wakeup: WakeupDescriptor

    /// Ends the poller's wait, now or the next one.
    public func wake() { _ = gh_eventfd_signal(wakeup.number) }
}
