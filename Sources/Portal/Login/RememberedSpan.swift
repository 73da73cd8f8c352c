import Core

/// For how long somebody stays signed in who asks for it, in words that a person would use; never longer than it is.
enum RememberedSpan: Sendable, Hashable {
    /// Less than two days; at least 1.
    case hours(UInt64)
    /// Two and more.
    case days(UInt64)

    init(_ span: Milliseconds) {
        let hours = span.count / Milliseconds.hours(1).count
        self = hours < 48 ? .hours(max(1, hours)) : .days(hours / 24)
    }
}
