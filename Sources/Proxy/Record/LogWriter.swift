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
        var failures: UInt64 = 0
        var isFailing = false

        mutating func write(_ bytes: RawSpan) {
            isFailing = !file.write(bytes)
            if isFailing { failures += 1 }
        }
    }

    private let state: Mutex<State>
    /// Apart from `state`, which is held during a write that may block.
    private let order = Mutex((order: Order.none, isStopped: true))
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
    public func start() {
        order.withLock { $0.isStopped = false }
        LoopThread.start(name: "gatehouse-log") { self.run() }
    }

    func add(_ ring: LogRing) { rings.withLock { $0.append(ring) } }

    /// Has the writer look before its time.
    func wake() { events.wake() }

    /// Writes one line of the process itself, at once.
    public func write(line: [UInt8]) {
        state.withLock { state in
            var buffer = WireBuffer()
            buffer.append(line)
            buffer.withBytes { state.write($0) }
        }
    }

    /// Opens the file anew at the next turn, after it was renamed (logrotate).
    public func reopen() {
        order.withLock { $0.order = .reopen }
        events.wake()
    }

    /// Writes what waits, and stops; gives up after `mostStopMilliseconds`, when nobody reads the pipe.
    public func stop() {
        order.withLock { $0.order = .stop }
        events.wake()
        var waited = 0
        while !order.withLock({ $0.isStopped }), waited < Self.mostStopMilliseconds {
            events.pause()
            waited += 1
        }
    }

    /// How long `stop` waits.
    public static let mostStopMilliseconds = 2000

    /// Batches that could not be written: the disk is full, or the pipe closed.
    public var failures: UInt64 { state.withLock { $0.failures } }

    /// The last batch could not be written.
    public var isFailing: Bool { state.withLock { $0.isFailing } }

    private func run() {
        var buffer = WireBuffer()
        while true {
            events.wait(milliseconds: Self.periodMilliseconds)
            let current = order.withLock { order in
                let current = order.order
                order.order = .none
                return current
            }
            for ring in rings.withLock({ $0 }) {
                ring.swap(&buffer)
                guard !buffer.isEmpty else { continue }
                state.withLock { state in
                    buffer.withBytes { state.write($0) }
                }
            }
            switch current {
            case .none: break
            case .reopen:
                guard !path.isEmpty else { break }
                state.withLock { state in
                    if let fresh = try? AppendFile(path: path) { state.file = fresh }
                }
            case .stop:
                order.withLock { $0.isStopped = true }
                return
            }
        }
    }
}
