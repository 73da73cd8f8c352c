import Core
import Store

/// One token bucket: how much of it is missing, in thousandths of a failure.
///
/// The debt is kept, not what is left, so that a new capacity applies at once.
struct ThrottleBucket: Sendable {
    /// Thousandths that one failure costs.
    static let failure: Int64 = 1000

    let key: ThrottleKey
    /// 0 is a full bucket, the rate's capacity an empty one.
    var debt: Int64
    /// When the debt was that.
    var updatedAt: WallTime
    /// Where it was charged from last: its network is charged when it is evicted.
    var origin: ClientAddress?
    /// What of the debt was taken over from the network at the beginning: it is not charged there again.
    let inherited: Int64
    /// When it is full again.
    private(set) var fullAt: WallTime
    /// Whether the store may hold it.
    var isSaved = false

    init(
        _ key: ThrottleKey, debt: Int64 = 0, inherited: Int64 = 0, at now: WallTime, origin: ClientAddress?,
        rate: ThrottleRate
    ) {
        self.key = key
        self.inherited = min(max(0, inherited), rate.capacity)
        self.debt = min(max(0, debt) + self.inherited, rate.capacity)
        updatedAt = now
        self.origin = origin
        fullAt = now
        fullAt = rate.fullAt(debt: self.debt, since: now)
    }

    /// Fills by what the time since has given.  A clock that went back gives nothing.
    mutating func refill(at now: WallTime, _ rate: ThrottleRate) {
        (debt, updatedAt) = rate.refilled(debt: debt, since: updatedAt, at: now)
        fullAt = rate.fullAt(debt: debt, since: updatedAt)
    }

    /// Takes so much out, at most all.
    mutating func charge(_ amount: Int64, _ rate: ThrottleRate) {
        debt = min(rate.capacity, debt + amount)
        fullAt = rate.fullAt(debt: debt, since: updatedAt)
    }

    /// Puts so much back, at most until it is full.
    mutating func refund(_ amount: Int64, _ rate: ThrottleRate) {
        debt = max(0, debt - amount)
        fullAt = rate.fullAt(debt: debt, since: updatedAt)
    }

    /// Counts from another moment: the clock went back.
    mutating func rebase(to now: WallTime, _ rate: ThrottleRate) {
        updatedAt = now
        debt = min(debt, rate.capacity)
        fullAt = rate.fullAt(debt: debt, since: now)
    }
}

/// How large a bucket is and how fast it fills.
struct ThrottleRate: Sendable, Hashable {
    /// Roll-ups hold so many times what an address holds.
    static let networkFactor = 10
    /// Mails that tell a member of guesses at the second factor.
    static let factorMails = ThrottleSettings.Allowance(failures: 1, per: .hours(1))
    /// Enrolment codes that a member is sent.
    static let enrolmentMails = ThrottleSettings.Allowance(failures: 3, per: .hours(1))

    /// Thousandths of a failure.
    let capacity: Int64
    /// Milliseconds in which the whole bucket fills.
    let span: Int64

    init(_ kind: ThrottleKind, _ settings: ThrottleSettings) {
        let allowance =
            switch kind {
            case .address, .network: settings.perAddress
            case .account, .device: settings.perAccountAndAddress
            case .slowed: settings.perAccount
            case .invitation, .invitationNetwork: settings.invitation
            case .reset, .resetNetwork: settings.reset
            case .resetAccount, .resetMail: settings.resetPerAccount
            case .factor: settings.secondFactor
            case .factorMail: Self.factorMails
            case .enrolmentMail: Self.enrolmentMails
            }
        let failures = Int64(min(max(1, allowance.failures), 1_000_000))
        let factor =
            switch kind {
            case .network, .invitationNetwork, .resetNetwork: Int64(Self.networkFactor)
            case .address, .account, .device, .slowed, .invitation, .reset, .resetAccount, .resetMail, .factor,
                .factorMail, .enrolmentMail:
                Int64(1)
            }
        capacity = failures * factor * ThrottleBucket.failure
        span = max(1, Int64(clamping: allowance.per.count))
    }

    /// What is left of a debt.  What is less than a thousandth is kept as time.
    func refilled(debt: Int64, since: WallTime, at now: WallTime) -> (debt: Int64, at: WallTime) {
        let debt = min(debt, capacity)
        let elapsed = now.milliseconds - since.milliseconds
        guard elapsed > 0 else { return (debt, since) }
        let gained = Int128(elapsed) * Int128(capacity) / Int128(span)
        guard gained < Int128(debt) else { return (0, now) }
        return (debt - Int64(gained), WallTime(milliseconds: since.milliseconds + time(for: Int64(gained))))
    }

    func fullAt(debt: Int64, since: WallTime) -> WallTime {
        since.advanced(by: Milliseconds(UInt64(max(0, time(for: debt)))))
    }

    /// How long until one failure more is allowed; zero where it is now.
    func wait(debt: Int64, since: WallTime, at now: WallTime) -> Milliseconds {
        let excess = debt + ThrottleBucket.failure - capacity
        guard excess > 0 else { return Milliseconds(0) }
        let passed = max(0, now.milliseconds - since.milliseconds)
        return Milliseconds(UInt64(max(1, time(for: excess) - passed)))
    }

    /// Milliseconds in which so much is given back, rounded up.
    private func time(for amount: Int64) -> Int64 {
        Int64(clamping: (Int128(amount) * Int128(span) + Int128(capacity) - 1) / Int128(capacity))
    }
}
