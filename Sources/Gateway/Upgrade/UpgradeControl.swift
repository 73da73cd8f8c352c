import EventLoop
import Synchronization

/// How far an upgrade is, for the thread that does it and the one that reads signals.
final class UpgradeControl: Sendable {
    enum Phase: Sendable {
        case none
        /// A new process is being started.
        case underWay
        /// The new process serves; this one finishes what it has.
        case handedOver
        /// This one has finished.
        case retired
    }

    private let state = Mutex((phase: Phase.none, isStopWanted: false))
    private let changed: EventWait

    init() throws { changed = try EventWait() }

    var phase: Phase { state.withLock { $0.phase } }

    /// SIGTERM has come meanwhile.
    var isStopWanted: Bool { state.withLock { $0.isStopWanted } }

    /// Begins; false where one is under way or done.
    func begin() -> Bool {
        state.withLock { state in
            guard state.phase == .none else { return false }
            state.phase = .underWay
            return true
        }
    }

    func move(to phase: Phase) {
        state.withLock { $0.phase = phase }
        changed.wake()
    }

    /// Asks an upgrade that is under way to stop, and waits until it has ended one way or the other.
    /// - Returns: true where this process has finished, because another one serves.
    func stop() -> Bool {
        state.withLock { $0.isStopWanted = true }
        while true {
            switch phase {
            case .none: return false
            case .retired: return true
            case .underWay, .handedOver: changed.wait(milliseconds: 100)
            }
        }
    }
}

/// The program that this process runs, to be started anew.
public struct ProgramImage: Sendable {
    /// An absolute path.  Links in it are followed when it is started, so that what they lead to may be exchanged.
    var path: String
    /// Without the program's own name.
    var arguments: [String]

    /// - Parameters:
    ///   - commandLine: the program's name as it was called, and its arguments.
    ///   - folder: the working folder.
    ///   - running: the file that is running, for a name that was looked up in PATH.
    public init(commandLine: [String], folder: String, running: String) {
        let name = commandLine.first ?? ""
        path = name.hasPrefix("/") ? name : name.contains("/") ? "\(folder)/\(name)" : running
        arguments = Array(commandLine.dropFirst())
    }
}
