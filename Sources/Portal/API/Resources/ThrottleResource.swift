import Core
import Login

/// A throttle's counter, as the API shows it.
public struct ThrottleResource: Codable, Hashable, Sendable {
    /// `address`, `network`, `account` or `device`; `slowed` for an account whose strangers wait; `invitation`,
    /// `reset`, `invitation-network`, `reset-network`, `reset-account` and `reset-mail` for links and their mails;
    /// `second-factor`, `second-factor-mail` and `enrolment-mail` for an account's second factors and mails about them.
    public let kind: String
    /// What is counted.
    public let subject: String
    /// Failures that are still allowed.
    public let failuresLeft: Int
    /// Failures that a full bucket allows.
    public let capacity: Int
    /// When the bucket is full again.
    public let fullAt: String

    enum CodingKeys: String, CodingKey {
        case kind, subject, capacity
        case failuresLeft = "failures_left"
        case fullAt = "full_at"
    }

    init(_ reading: LoginThrottle.Reading) {
        kind = reading.kind
        subject = reading.subject
        failuresLeft = reading.failuresLeft
        capacity = reading.capacity
        fullAt = reading.fullAt.text
    }
}
