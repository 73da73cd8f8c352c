/// A point on the clock that never jumps, in milliseconds since an arbitrary start.  Deadlines and ages
/// are measured on it; one reading serves a whole turn of an event loop.
public struct MonotonicInstant: Comparable, Hashable, Sendable {
    public var milliseconds: UInt64

    public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }

    /// The instant this much later; saturates instead of wrapping.
    public func advanced(by duration: Milliseconds) -> Self {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.count)
        return Self(milliseconds: overflow ? .max : sum)
    }

    /// How long ago `earlier` was; zero where it lies ahead.
    public func since(_ earlier: Self) -> Milliseconds {
        Milliseconds(milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0)
    }
}

/// A span of time in whole milliseconds.
public struct Milliseconds: Comparable, Hashable, Sendable {
    public var count: UInt64

    public init(_ count: UInt64) { self.count = count }

    public static func seconds(_ seconds: UInt64) -> Self { Self(seconds * 1000) }
    public static func minutes(_ minutes: UInt64) -> Self { Self(minutes * 60_000) }
    public static func hours(_ hours: UInt64) -> Self { Self(hours * 3_600_000) }
    public static func < (one: Self, other: Self) -> Bool { one.count < other.count }
}

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z without leap seconds.
public struct WallTime: Comparable, Hashable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
}
