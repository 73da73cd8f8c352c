import CLinux

/// Signals that ask a server something, read as bytes instead of interrupting threads.
public struct SignalSource: ~Copyable, Sendable {
    /// What a signal asks for.
    public enum Request: Sendable, Hashable { case stop, reload, reopenLogs, upgrade }

    private let descriptor: Int32

    /// Blocks SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 for this thread and all that it starts; to be called
    /// before any other thread exists.
    public static func block() { _ = gh_block_signal(0) }

    /// Sends this process the signal of a request.
    public static func askThisProcess(_ request: Request) {
        let number: Int32 =
            switch request {
            case .stop: 15
            case .reload: 1
            case .reopenLogs: 10
            case .upgrade: 12
            }
        _ = gh_signal_this_process(number)
    }

    public init() throws(SystemError) {
        descriptor = try SystemError.check(gh_signalfd(), "watch signals")
    }

    deinit { _ = gh_close(descriptor) }

    /// Waits for the next request; nil for a signal that asks for nothing.
    public func next() -> Request? {
        switch gh_signalfd_read(descriptor) {
        case 15, 2: .stop
        case 1: .reload
        case 10: .reopenLogs
        case 12: .upgrade
        default: nil
        }
    }

    /// Waits for the next request, at most so long; nil where none came.
    public func next(within milliseconds: Int32) -> Request? {
        gh_await_readable(descriptor, max(0, milliseconds)) == 1 ? next() : nil
    }
}
