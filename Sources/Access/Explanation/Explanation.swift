public import Core

/// A decision in words: what `gatehouse explain` prints.
public struct Explanation: Sendable, Hashable {
    /// The ends of a decision.
    public enum Verdict: String, Sendable, Hashable, CaseIterable { case forward, portal, preflight, refuse, load }

    public let verdict: Verdict
    /// The route that matched; nil where none did or none was asked.
    public let routeName: String?
    /// The route's rule in words, `roles: admin; mfa within 12h` for instance.
    public let rule: String?
    /// The position of the upstream in `ProxySettings.upstreams`; set for `.forward` alone.
    public let upstreamIndex: Int?
    /// Why it was refused; nil otherwise.
    public let reason: ReasonCode?
    /// Why a session counts as none; nil where it counts or none came.
    public let notedSessionReason: ReasonCode?
    /// The status of the answer; nil where the application or the portal gives it.
    public let status: UInt16?
    /// What was asked, step by step, in the order of the decision.
    public let steps: [String]
}
