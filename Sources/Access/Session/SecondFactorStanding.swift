import Core

/// What a session has of a second factor: when it was proved, or until when its member gets by without one.
///
/// One value for both, because only a session that has proved none can owe one: a slot needs no more room for it than for
/// the proof.
enum SecondFactorStanding: Sendable, Hashable {
    /// Proved then, the last time.
    case proved(MonotonicInstant)
    /// Not proved, and not asked for by the tenant's rule before then.
    case due(MonotonicInstant)
    /// Not proved.
    case missing

    /// When a second factor was proved last; nil where none was.
    var provedAt: MonotonicInstant? { if case .proved(let instant) = self { instant } else { nil } }

    /// Whether it is enough for a tenant that asks for a second factor.  A route's own `mfa` asks for a proof in any case.
    func satisfiesTenant(at now: MonotonicInstant) -> Bool {
        switch self {
        case .proved: true
        case .due(let instant): now < instant
        case .missing: false
        }
    }
}

extension SessionEntry {
    /// What the session has of a second factor.
    var secondFactor: SecondFactorStanding {
        if let provedAt = assurance.secondFactorProvedAt { return .proved(provedAt) }
        return secondFactorDueAt.map(SecondFactorStanding.due) ?? .missing
    }
}
