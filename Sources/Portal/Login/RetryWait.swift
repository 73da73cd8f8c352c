import Core

/// How long somebody has to wait, in words that a person would use; always at least as long as it takes.
enum RetryWait: Sendable, Hashable {
    /// Less than a minute.
    case moments
    case minutes(UInt64)
    /// Two and more.
    case hours(UInt64)

    init(_ wait: Milliseconds) {
        let seconds = Self.seconds(wait)
        switch seconds {
        case ..<60: self = .moments
        case ..<7200: self = .minutes((seconds + 59) / 60)
        default: self = .hours((seconds - 1) / 3600 + 1)
        }
    }

    /// The value of `Retry-After` (RFC 9110 §10.2.3): whole seconds, rounded up, 1 at least.
    static func seconds(_ wait: Milliseconds) -> UInt64 {
        max(1, wait.count / 1000 + (wait.count.isMultiple(of: 1000) ? 0 : 1))
    }
}
