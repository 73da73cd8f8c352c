import EventLoop

/// The time of day, for whoever is given no other.
enum WallClock {
    static var milliseconds: Int64 { SystemClock.wallMilliseconds }
}
