import CLinux

/// The machine's clocks.  A loop reads them once a turn and hands the reading on.
public enum SystemClock {
    /// Milliseconds on the clock that never jumps (CLOCK_MONOTONIC), counted from ten years before the machine's start,
    /// so that what happened before it can be told too.
    public static var monotonicMilliseconds: UInt64 { gh_monotonic_milliseconds() &+ headStart }
    private static let headStart: UInt64 = 10 * 366 * 86_400_000
    /// Microseconds of CLOCK_MONOTONIC as the kernel counts them, for other programs.
    public static var monotonicMicroseconds: UInt64 { gh_monotonic_nanoseconds() / 1000 }
    /// UTC milliseconds since 1970 (CLOCK_REALTIME).
    public static var wallMilliseconds: Int64 { gh_wall_milliseconds() }
}

/// The machine's processors.
public enum Processors {
    /// How many this process may run on (sched_getaffinity(2)); at least 1.
    public static var available: Int { Int(gh_processor_count()) }
}

/// Descriptors of this process.
public enum OpenFiles {
    /// Raises the soft limit of open files to the hard one and returns it.
    public static func raiseLimit() -> Int { max(0, gh_raise_open_files_limit()) }
}

/// A descriptor held back so that it can be given up when no other is left: the waiting connection is
/// then accepted and closed instead of spinning in the queue.
public struct SpareDescriptor: ~Copyable {
    private var descriptor: Int32

    public init() { descriptor = gh_open_null() }

    deinit { if descriptor >= 0 { _ = gh_close(descriptor) } }

    /// Gives the descriptor up while `body` runs, and takes one again.
    public mutating func lend(_ body: () -> Void) {
        if descriptor >= 0 { _ = gh_close(descriptor) }
        body()
        descriptor = gh_open_null()
    }
}
