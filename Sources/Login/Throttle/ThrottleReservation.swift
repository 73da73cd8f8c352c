import Core

/// Tokens that a try took.
public struct ThrottleReservation: Sendable, Hashable {
    let keys: [ThrottleKey]
    /// The account that it was counted against; nil for a known device.
    var target: ThrottleKey?
    /// For how long the try waits before its password is looked at.
    var slowdown = Milliseconds(0)
}
