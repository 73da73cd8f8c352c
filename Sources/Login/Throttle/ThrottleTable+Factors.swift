public import Core

/// An account whose second factor is guessed at, or set up.
public struct ThrottleMember: Sendable, Hashable {
    public let tenant: TenantID
    public let user: UserID

    public init(tenant: TenantID, user: UserID) {
        self.tenant = tenant
        self.user = user
    }

    func key(_ kind: ThrottleKind) -> ThrottleKey { ThrottleKey(kind: kind, subject: "\(tenant) \(user)") }
}

/// Buckets of what comes after the first factor, per account: apart from those of passwords, and the same for every
/// address and device (security rule 16).
extension ThrottleTable {
    /// Takes the token of a guess.
    mutating func reserve(factorOf member: ThrottleMember, from address: ClientAddress, at now: WallTime) -> Answer {
        let origin = address.isIPv4 ? address : address.network(prefix: settings.ipv6Prefix)
        return reserve([Wanted(key: member.key(.factor), origin: origin)], at: now)
    }

    /// Takes the token of a mail of this kind.
    mutating func reserve(_ kind: ThrottleKind, to member: ThrottleMember, at now: WallTime) -> Answer {
        reserve([Wanted(key: member.key(kind), origin: nil)], at: now)
    }

    /// Whether the next guess would be refused.
    mutating func isDrained(_ member: ThrottleMember, at time: WallTime) -> Bool {
        let now = reading(time)
        guard var bucket = self[member.key(.factor)] else { return false }
        let rate = rate(.factor)
        bucket.refill(at: now, rate)
        return bucket.debt + ThrottleBucket.failure > rate.capacity
    }
}

extension LoginThrottle {
    /// Takes the token of a guess at a member's second factor or enrolment code, before it is looked at: in every mode,
    /// for codes of so few digits could be tried without end otherwise (security rule 16).
    public func reserve(factorOf member: ThrottleMember, from address: ClientAddress) -> Answer {
        inEveryMode(withTable { table, now in table.reserve(factorOf: member, from: address, at: now) })
    }

    /// Whether the member's next guess would be refused.
    func isDrained(_ member: ThrottleMember) -> Bool { withTable { table, now in table.isDrained(member, at: now) } }

    /// Whether a member may be told now that the second factor is guessed at: hourly at most, in every mode.
    func admits(guessMailTo member: ThrottleMember) -> Bool {
        guard case .reserved = withTable({ table, now in table.reserve(.factorMail, to: member, at: now) }) else {
            return false
        }
        return true
    }

    /// Takes the token of an enrolment code that a member is sent: three an hour, in every mode.
    func reserve(enrolmentMailTo member: ThrottleMember) -> Answer {
        inEveryMode(withTable { table, now in table.reserve(.enrolmentMail, to: member, at: now) })
    }

    /// What the table says, whatever the mode.
    private func inEveryMode(_ answer: ThrottleTable.Answer) -> Answer {
        switch answer {
        case .reserved(let reservation): .reserved(reservation)
        case .refused(let retryAfter): .refused(retryAfter: retryAfter)
        }
    }
}
