public import EventLoop
import HTTPWire
import Synchronization

/// Empties the loops' rings into the log file, on a thread of its own.
public final class LogWriter: Sendable {
    /// The longest time that a line waits.
    public static let periodMilliseconds: Int32 = 200

    private enum Order: Sendable {
        case none, reopen, stop
    }

    private struct State: ~Copyable {
        var file: AppendFile
        var order = Order.none
        var isStopped = false
        var failures: UInt64 = 0
    }

    private let state: Mutex<State>
    private let path: String
    private let rings: Mutex<[LogRing]>
    private let events: EventWait

    /// - Parameter path: empty for the standard output.
    public init(path: String) throws(SystemError) {
        self.path = path
        state = Mutex(State(file: path.isEmpty ? .standardOutput : try AppendFile(path: path)))
        rings = Mutex([])
        events = try EventWait()
    }

    /// Begins to write.
    public func start() { LoopThread.start(name: "gatehouse-log") { self.run() } }

    func add(_ ring: LogRing) { rings.withLock { $0.append(ring) } }

    /// Has the writer look before its time.
    func wake() { events.wake() }

    /// Writes one line of the process itself, behind what the loops have said so far.
    public func write(line: [UInt8]) {
        state.withLock { state in
            var buffer = WireBuffer()
            buffer.append(line)
            let isWritten = buffer.withBytes { state.file.write($0) }
            if !isWritten { state.failures += 1 }
        }
    }

    /// Opens the file anew at the next turn, after it was renamed (logrotate).
    public func reopen() {
        state.withLock { $0.order = .reopen }
        events.wake()
    }

    /// Writes what waits, and stops.
    public func stop() {
        state.withLock { $0.order = .stop }
        events.wake()
        while !state.withLock({ $0.isStopped }) { events.pause() }
    }

    /// Batches that could not be written: the disk is full, or the pipe closed.
    public var failures: UInt64 { state.withLock { $0.failures } }

    private func run() {
        var buffer = WireBuffer()
        while true {
            events.wait(milliseconds: Self.periodMilliseconds)
            let order = state.withLock { state in
                let order = state.order
                state.order = .none
                return order
            }
            for ring in rings.withLock({ $0 }) {
                ring.swap(&buffer)
                guard !buffer.isEmpty else { continue }
                state.withLock { state in
                    let isWritten = buffer.withBytes { state.file.write($0) }
                    if !isWritten { state.failures += 1 }
                }
            }
            switch order {
            case .none: break
            case .reopen:
                guard !path.isEmpty else { break }
                state.withLock { state in
                    if let fresh = try? AppendFile(path: path) { state.file = fresh }
                }
            case .stop:
                state.withLock { $0.isStopped = true }
                return
            }
        }
    }
}
