public import Core

/// A loop's sessions, by the hash of their token.  Bounded; the least recently used give way (CLOCK).
///
/// Only the loop that owns the table touches it.  What a decision reads lies in one array of plain values;
/// names and addresses lie apart and are read when an entry is bound to a configuration.
public struct SessionTable: Sendable {
    /// How many sessions fit.
    public let bound: Int
    /// How many gave way to others since the start.
    public private(set) var evictions: UInt64 = 0

    /// What decisions read and move on.
    struct Slot: Sendable {
        /// False for a slot that waits to be used again.
        var isHeld: Bool
        var idleLimit: Milliseconds
        var idleDeadline: MonotonicInstant
        var absoluteDeadline: MonotonicInstant
        var secondFactor = SecondFactorStanding.missing
        /// The configuration that the four below were worked out for; nil before the first use.
        var generation: UInt64?
        var tenantIndex: Int32 = -1
        /// The one host that the token opens; -1 for every one of the tenant, -2 where it is served no more.
        var hostIndex: Int32 = -1
        var roleMask: UInt64 = 0
        var tenantAsksSecondFactor = false
        var encoding: IdentityEncoding?
        /// Grows with each entry that the slot is given: what was made for an older one is not this one's.
        var version: UInt32 = 0
        var lastUse = MonotonicInstant(milliseconds: 0)
        /// The last use has not been told to the store yet.
        var hasUntoldUse = false
        /// Set by each use, cleared by the clock's hand; a session that is only put in has to earn it.
        var wasUsed = false

        /// True where the tenant's rule asks for a second factor that the member has or had time to set up.
        var owesSecondFactor: Bool { if case .due = secondFactor { tenantAsksSecondFactor } else { false } }

        static var free: Slot {
            let start = MonotonicInstant(milliseconds: 0)
            return Slot(isHeld: false, idleLimit: Milliseconds(0), idleDeadline: start, absoluteDeadline: start)
        }
    }

    /// What a look-up finds.
    enum Finding: Sendable {
        case slot(Int)
        /// No session, and why; asking again would find the same.
        case none(ReasonCode)
        /// Nothing is known: the store must be asked.
        case unasked
    }

    private var slotOfKey: [SessionKey: Int32] = [:]
    private var slots: [Slot] = []
    private var references: [SessionReference] = []
    private var keys: [SessionKey] = []
    private var entries: [SessionEntry?] = []
    private var identities: [[UInt8]] = []
    private var free: [Int32] = []
    private var hand = 0
    private var byHandle = SlotChains<SessionHandle>()
    private var byUser = SlotChains<TenantUser>()
    private var byTenant = SlotChains<TenantID>()
    private var unknown: UnknownSessions
    /// How many slots have a second factor that is due or overdue.
    private var slotsDue = 0
    /// Slots that were used since the store was told; a slot stands here at most once.
    private var untoldSlots: [Int32] = []
    /// Uses of sessions that have given way since.
    private var untoldUses: [SessionUse] = []

    /// - Parameters:
    ///   - bound: `limits.cached_sessions`, at least 1.
    ///   - unknownBound: how many unknown tokens are remembered.
    public init(bound: Int, unknownBound: Int = 8_192) {
        self.bound = min(max(bound, 1), Int(Int32.max))
        unknown = UnknownSessions(bound: unknownBound)
    }

    /// How many sessions the table holds now.
    public var count: Int { slotOfKey.count }

    /// How many unknown tokens are remembered.
    public var unknownCount: Int { unknown.count }

    /// The session of this token; nil where the table has none.  For explanations and tests; decisions use
    /// the slots.
    public func entry(for key: SessionKey) -> SessionEntry? { slotOfKey[key].flatMap { entries[Int($0)] } }

    /// Holds a session under a token, in place of whatever was held under it.  A full table lets the first
    /// one go that was not used since the clock's hand passed it last.
    public mutating func insert(_ entry: SessionEntry, for key: SessionKey) {
        unknown.forget(key)
        if let old = slotOfKey[key] { release(Int(old)) }
        if count >= bound { evictOne() }
        let index: Int
        if let reused = free.popLast() {
            index = Int(reused)
            keys[index] = key
        } else {
            index = slots.count
            slots.append(Slot.free)
            references.append(SessionReference(entry))
            keys.append(key)
            entries.append(nil)
            identities.append([])
        }
        occupy(index, with: entry)
        slotOfKey[key] = Int32(index)
        byHandle.add(index, to: entry.handle)
        byUser.add(index, to: TenantUser(tenant: entry.tenant, user: entry.user))
        byTenant.add(index, to: entry.tenant)
    }

    /// Replaces what is held under every token of this session, after a change of roles for instance.
    /// The entry must be of the same handle, tenant and user.
    ///
    /// - Returns: how many tokens were found.
    @discardableResult
    public mutating func replace(_ entry: SessionEntry) -> Int {
        var found = 0
        var next = byHandle.first(entry.handle)
        while let index = next {
            next = byHandle.following(index)
            guard let held = entries[index], held.tenant == entry.tenant, held.user == entry.user else { continue }
            occupy(index, with: entry.on(held.host))
            found += 1
        }
        return found
    }

    /// Gives every session of a user another identity; what each has proved and its times stay.
    ///
    /// - Returns: the handles of the sessions here.
    public mutating func update(user: UserID, of tenant: TenantID, to identity: MemberIdentity) -> Set<SessionHandle> {
        let handles = handles(user: user, of: tenant)
        var next = byUser.first(TenantUser(tenant: tenant, user: user))
        while let index = next {
            next = byUser.following(index)
            guard let held = entries[index] else { continue }
            let times = slots[index]
            occupy(index, with: held.with(identity))
            (slots[index].idleDeadline, slots[index].absoluteDeadline) = (times.idleDeadline, times.absoluteDeadline)
            (slots[index].lastUse, slots[index].hasUntoldUse) = (times.lastUse, times.hasUntoldUse)
        }
        return handles
    }

    /// Forgets every session; none of them has ended, so each use is still told.
    public mutating func removeAll() {
        for index in slots.indices where slots[index].isHeld {
            noteDeparture(index)
            release(index)
        }
    }

    /// Ends the session of one token; false where there was none.
    @discardableResult
    public mutating func remove(_ key: SessionKey) -> Bool {
        guard let index = slotOfKey[key] else { return false }
        release(Int(index))
        return true
    }

    /// Ends a session under all its tokens.
    ///
    /// - Returns: how many tokens were found.
    @discardableResult
    public mutating func remove(handle: SessionHandle) -> Int {
        var ended = 0
        while let index = byHandle.first(handle) {
            release(index)
            ended += 1
        }
        return ended
    }

    /// Forgets a session under all its tokens; it has not ended, so its use is still told.
    public mutating func forget(handle: SessionHandle) {
        while let index = byHandle.first(handle) {
            noteDeparture(index)
            release(index)
        }
    }

    /// Ends every session of a user.
    ///
    /// - Returns: how many tokens were found.
    @discardableResult
    public mutating func remove(user: UserID, of tenant: TenantID) -> Int {
        var ended = 0
        while let index = byUser.first(TenantUser(tenant: tenant, user: user)) {
            release(index)
            ended += 1
        }
        return ended
    }

    /// Ends every session of a tenant.
    ///
    /// - Returns: how many tokens were found.
    @discardableResult
    public mutating func remove(tenant: TenantID) -> Int {
        var ended = 0
        while let index = byTenant.first(tenant) {
            release(index)
            ended += 1
        }
        return ended
    }

    /// The handles of a user's sessions here.
    public func handles(user: UserID, of tenant: TenantID) -> Set<SessionHandle> {
        handles(from: byUser.first(TenantUser(tenant: tenant, user: user)), next: byUser.following)
    }

    /// The handles of a tenant's sessions here.
    public func handles(tenant: TenantID) -> Set<SessionHandle> {
        handles(from: byTenant.first(tenant), next: byTenant.following)
    }

    private func handles(from first: Int?, next: (Int) -> Int?) -> Set<SessionHandle> {
        var found: Set<SessionHandle> = []
        var index = first
        while let slot = index {
            if let entry = entries[slot] { found.insert(entry.handle) }
            index = next(slot)
        }
        return found
    }

    /// Remembers for ten seconds that the store has no session for this token.  A session that is still held
    /// here went idle: it ends, and `.sessionExpired` is what the log learns; otherwise `.sessionUnknown`.
    public mutating func noteMissing(_ key: SessionKey, now: MonotonicInstant) {
        let reason: ReasonCode = remove(key) ? .sessionExpired : .sessionUnknown
        unknown.remember(key, reason: reason, now: now)
    }
}

extension SessionTable {
    /// True where the store has uses to learn of.
    public var hasUntoldUses: Bool { !untoldSlots.isEmpty || !untoldUses.isEmpty }

    /// The last uses of all sessions that were used since this was called last.
    public mutating func takeUses() -> [SessionUse] {
        var uses = untoldUses
        untoldUses.removeAll()
        for slot in untoldSlots {
            let index = Int(slot)
            guard slots[index].hasUntoldUse, let entry = entries[index] else { continue }
            slots[index].hasUntoldUse = false
            uses.append(SessionUse(handle: entry.handle, tenant: entry.tenant, at: slots[index].lastUse))
        }
        untoldSlots.removeAll(keepingCapacity: true)
        return uses
    }

    /// Counts something that a member did outside a request, on a WebSocket for instance, as a use of their session.
    ///
    /// - Returns: false where the table does not hold it, or where it looks idle.
    public mutating func noteUse(of key: SessionKey, now: MonotonicInstant) -> Bool {
        guard let found = slotOfKey[key], now < slots[Int(found)].idleDeadline else { return false }
        touch(Int(found), now: now)
        return true
    }

    /// True where the table does not hold the session, or where it has not been used here for so long that only the
    /// store can tell.
    public func looksIdle(_ key: SessionKey, now: MonotonicInstant) -> Bool {
        slotOfKey[key].map { now >= slots[Int($0)].idleDeadline } ?? true
    }

    /// True where some session's member still has, or had, time to set a second factor up.
    public var hasSecondFactorsDue: Bool { slotsDue > 0 }

    /// True where the session's member should have set a second factor up by now.
    public func isSecondFactorOverdue(_ handle: SessionHandle, now: MonotonicInstant) -> Bool {
        guard let slot = byHandle.first(handle).map({ slots[$0] }) else { return false }
        return slot.owesSecondFactor && !slot.secondFactor.satisfiesTenant(at: now)
    }

    /// The session in a slot, as a permit names it.
    public func entry(at slot: Int) -> SessionEntry? { entries[slot] }

    /// The slot that holds a session under any of its tokens; nil where none does.
    func slot(of handle: SessionHandle) -> Int? { byHandle.first(handle) }

    /// Looks a token up.  A session past its absolute deadline ends here.  One that only looks idle is asked
    /// of the store first, where another loop or node may have used it.
    mutating func find(_ key: SessionKey, now: MonotonicInstant) -> Finding {
        guard let found = slotOfKey[key] else {
            return unknown.reason(for: key, now: now).map(Finding.none) ?? .unasked
        }
        let index = Int(found)
        guard now < slots[index].absoluteDeadline else {
            release(index)
            unknown.remember(key, reason: .sessionExpired, now: now)
            return .none(.sessionExpired)
        }
        return now < slots[index].idleDeadline ? .slot(index) : .unasked
    }

    /// What decisions read; the slot comes from `find` in the same decision.
    func slot(_ index: Int) -> Slot { slots[index] }

    /// Which session a slot holds.
    func reference(_ index: Int) -> SessionReference { references[index] }

    /// The identity header lines of a bound session.
    func identity(_ index: Int) -> [UInt8] { identities[index] }

    /// Moves the idle deadline on, never beyond the absolute one, and saves the slot from the next eviction.
    mutating func touch(_ index: Int, now: MonotonicInstant) {
        let deadline = now.advanced(by: slots[index].idleLimit)
        slots[index].idleDeadline = min(deadline, slots[index].absoluteDeadline)
        slots[index].wasUsed = true
        slots[index].lastUse = now
        guard !slots[index].hasUntoldUse else { return }
        slots[index].hasUntoldUse = true
        untoldSlots.append(Int32(index))
    }

    /// Works out what a session is worth under a configuration; done once a session and generation.
    mutating func bind(_ index: Int, to snapshot: AccessSnapshot) {
        guard slots[index].generation != snapshot.generation, let entry = entries[index] else { return }
        let tenant = snapshot.tenantIndex(of: entry.tenant)
        slots[index].generation = snapshot.generation
        slots[index].tenantIndex = tenant.map(Int32.init) ?? -1
        slots[index].hostIndex = entry.host.map { snapshot.hostIndex(of: $0) ?? -2 } ?? -1
        slots[index].roleMask = snapshot.roleMask(of: entry.roles)
        slots[index].tenantAsksSecondFactor =
            tenant.map { snapshot.asksSecondFactor(tenantAt: $0, roles: entry.roles) } ?? false
        if slots[index].encoding != snapshot.identityEncoding {
            identities[index] = IdentityHeaders.lines(of: entry, encoding: snapshot.identityEncoding)
            slots[index].encoding = snapshot.identityEncoding
        }
    }

    private mutating func occupy(_ index: Int, with entry: SessionEntry) {
        entries[index] = entry
        identities[index] = []
        references[index] = SessionReference(entry)
        let version = slots[index].version &+ 1
        if case .due = slots[index].secondFactor { slotsDue -= 1 }
        if case .due = entry.secondFactor { slotsDue += 1 }
        slots[index] = Slot(
            isHeld: true, idleLimit: entry.idleLimit, idleDeadline: entry.idleDeadline,
            absoluteDeadline: entry.absoluteDeadline, secondFactor: entry.secondFactor)
        slots[index].version = version
    }

    private mutating func release(_ index: Int) {
        guard let entry = entries[index] else { return }
        byHandle.take(index, from: entry.handle)
        byUser.take(index, from: TenantUser(tenant: entry.tenant, user: entry.user))
        byTenant.take(index, from: entry.tenant)
        slotOfKey[keys[index]] = nil
        let version = slots[index].version
        if case .due = slots[index].secondFactor { slotsDue -= 1 }
        slots[index] = Slot.free
        slots[index].version = version
        entries[index] = nil
        identities[index] = []
        free.append(Int32(index))
    }

    /// CLOCK: a used slot gets one more round.  The sweep is bounded, so that a table whose every session was
    /// just used costs no pause; then the next slot goes, used or not.
    private mutating func evictOne() {
        var steps = 0
        while true {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            steps += 1
            guard slots[hand].isHeld else { continue }
            if slots[hand].wasUsed, steps < Self.longestSweep {
                slots[hand].wasUsed = false
            } else {
                noteDeparture(hand)
                release(hand)
                evictions += 1
                return
            }
        }
    }

    private static var longestSweep: Int { 1_024 }

    /// A session that gives way has been used all the same; a flood of them is told in part.
    private mutating func noteDeparture(_ index: Int) {
        guard slots[index].hasUntoldUse, let entry = entries[index], untoldUses.count < Self.mostUntoldUses else {
            return
        }
        untoldUses.append(SessionUse(handle: entry.handle, tenant: entry.tenant, at: slots[index].lastUse))
    }

    private static var mostUntoldUses: Int { 65_536 }
}
