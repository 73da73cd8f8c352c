import Core
import EventLoop
import FoundationEssentials

/// Tells systemd how the service is, where it asks to be told (sd_notify(3)): a text as one datagram.
struct ServiceNotifier: Sendable {
    /// Where systemd listens; nil where nobody does.
    private let path: String?
    /// How often systemd wants a sign of life (`WatchdogSec=`); nil where it wants none.
    let watchdog: Milliseconds?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of the process.
    ///   - process: this process's number.
    init(environment: [String: String], process: Int32 = ProcessInfo.processInfo.processIdentifier) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        self.path = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
        let microseconds = environment["WATCHDOG_USEC"].flatMap(UInt64.init) ?? 0
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        watchdog = microseconds >= 1000 && isMeant && self.path != nil ? Milliseconds(microseconds / 1000) : nil
    }

    /// The service is ready: at the start, and again after a reload.
    func ready(_ status: String) { send(["READY=1", "STATUS=\(status)"]) }

    /// A reload has begun.  `ready` ends it, whether it was taken or refused.
    func reloading() {
        send(["RELOADING=1", "MONOTONIC_USEC=\(SystemClock.monotonicMicroseconds)", "STATUS=Reading the configuration"])
    }

    /// The end has begun.
    /// - Parameter limit: how long it may take; systemd waits as long, whatever `TimeoutStopSec=` says.
    func stopping(within limit: Milliseconds) {
        send(["STOPPING=1", "EXTEND_TIMEOUT_USEC=\(limit.count &* 1000)", "STATUS=Finishing requests under way"])
    }

    /// The process with this number is the service from now on.
    func main(process: Int32) { send(["MAINPID=\(process)"]) }

    /// A sign of life.
    func alive() { send(["WATCHDOG=1"]) }

    /// One datagram of `NAME=value` lines.  Nobody is told where sending fails: a service manager that has gone is no
    /// reason not to serve.
    private func send(_ lines: [String]) {
        guard let path else { return }
        let text = lines.map { $0.split(separator: "\n").joined(separator: " ") }.joined(separator: "\n")
        try? Datagram.send(text, to: path)
    }
}
