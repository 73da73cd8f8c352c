import CLinux

/// A program that runs beside this one, and no longer than this object.
///
/// It gets three descriptors, or four, and no others.  Foundation's own `Process` looks through all of this process's to close
/// them, and reads beyond a buffer where there are more than about a thousand.
public final class ChildProcess {
    /// Its process's number; the kernel may give it to another once the end was awaited.
    public let identifier: Int32
    private var ending: Int32?
    private var isLetGo = false

    /// Starts it.
    /// - Parameters:
    ///   - program: the file's path.
    ///   - arguments: without the program's own name.
    ///   - environment: all of it; nothing is inherited.
    ///   - input: a descriptor that it reads from; nil is an empty one.  So are `output` and `error`, which nil throws
    ///     away.  The caller closes its own when nobody else is to hold them.
    ///   - channel: a descriptor that it finds as its number 3.
    /// - Throws: where there is no such program, or no room for another process.
    public init(
        program: String, arguments: [String], environment: [String: String], input: Int32? = nil, output: Int32? = nil,
        error: Int32? = nil, channel: Int32? = nil
    ) throws(SystemError) {
        let words = Self.block([program] + arguments)
        let settings = Self.block(environment.map { "\($0.key)=\($0.value)" })
        let result = unsafe program.withCString { path in
            // The blocks hold as many ended texts as is said, and are read during the call alone.
            unsafe gh_spawn(
                path, words, arguments.count + 1, settings, environment.count, input ?? -1, output ?? -1, error ?? -1,
                channel ?? -1)
        }
        identifier = try SystemError.check(result, "start \(program)")
    }

    deinit {
        guard ending == nil, !isLetGo else { return }
        _ = gh_kill(identifier, Self.kill)
        _ = try? end()
    }

    /// SIGTERM, SIGKILL (signal(7)).
    public static let terminate: Int32 = 15
    public static let kill: Int32 = 9

    /// Sends a signal; nothing happens where the end was awaited already.
    public func send(_ signal: Int32) {
        guard ending == nil else { return }
        _ = gh_kill(identifier, signal)
    }

    /// Has it outlive this object.
    public func letGo() { isLetGo = true }

    /// Waits for the end: the exit code, or 128 and the signal's number; nil where it goes on for longer.
    /// - Parameter milliseconds: nil waits for as long as it takes.
    public func end(within milliseconds: Int32? = nil) throws(SystemError) -> Int32? {
        if let ending { return ending }
        var code: Int32 = 0
        let result = unsafe gh_await_end(identifier, milliseconds ?? -1, &code)
        guard try SystemError.check(result, "wait for process \(identifier)") == 1 else { return nil }
        ending = code
        return code
    }

    /// Each text ended by NUL; what follows a NUL in a text is left out, as the kernel would.
    private static func block(_ texts: [String]) -> [CChar] {
        texts.flatMap { text in text.utf8.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0] }
    }
}
