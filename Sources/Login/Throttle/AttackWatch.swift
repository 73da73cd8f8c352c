import Core
import Store

/// Who is guessed at from where, as far as the tenants' administrators are to hear of it.  Pure: it has no clock and no
/// lock, and is in memory alone.
///
/// An administrator is told that an address was shut out, or that one account is guessed from many addresses; once an
/// hour at most for each tenant, so that ten thousand addresses make one mail.  What comes within that hour waits for
/// the next mail, unless it belongs to what the last one told.
struct AttackWatch: Sendable {
    /// Pairs of an address and a tenant, and accounts, that are counted at most; beyond that those go that failed longest
    /// ago.
    static let bound = 2000
    /// Accounts of one address and addresses of one account that are told apart.
    static let mostNames = 100
    /// Between two mails to the administrators of one tenant.
    static let interval = Milliseconds.hours(1)
    /// What happens so soon after the first sign belongs to the same mail.
    static let gathering = Milliseconds.seconds(5)
    /// Failures that lie so far back belong to nothing that goes on.
    static let memory = Milliseconds.hours(24)

    /// An address, as its counters spell it, that fails at a tenant's accounts.
    struct Place: Hashable, Sendable {
        let tenant: TenantID
        let address: String
    }

    /// An account of a tenant.
    struct Target: Hashable, Sendable {
        let tenant: TenantID
        let user: UserID
    }

    /// Failures, and at whose door.
    struct Tally<Name: Hashable & Sendable>: Sendable {
        var failures = 0
        var names: Set<Name> = []
        let since: WallTime
        var last: WallTime
    }

    /// What is to be told.
    struct Alert: Sendable, Hashable {
        enum Subject: Sendable, Hashable {
            case address(String)
            case account(UserID)
        }

        let subject: Subject
        let failures: Int
        /// Accounts of an address, or addresses of an account.
        let names: Int
        let since: WallTime
        /// Other addresses and accounts of which the same is true.
        let others: Int
    }

    private struct Pending: Sendable {
        let since: WallTime
        var addresses: Set<String> = []
        var accounts: Set<UserID> = []
    }

    private var places: [Place: Tally<UserID>] = [:]
    /// By address: the tenants that `places` has it with.
    private var tenants: [String: Set<TenantID>] = [:]
    private var targets: [Target: Tally<String>] = [:]
    private var pending: [TenantID: Pending] = [:]
    /// When each tenant's administrators were told last, and of whom.
    private var told: [TenantID: (at: WallTime, what: Pending)] = [:]

    /// Pairs and accounts that are counted, the more of both.
    var counted: Int { max(places.count, targets.count) }

    /// A password was wrong, for an account that is there.
    mutating func failed(_ target: Target, from address: String, at now: WallTime) {
        let place = Place(tenant: target.tenant, address: address)
        if Self.count(target.user, under: place, in: &places, at: now) {
            tenants = [:]
            for place in places.keys { tenants[place.address, default: []].insert(place.tenant) }
        } else {
            tenants[address, default: []].insert(target.tenant)
        }
        _ = Self.count(address, under: target, in: &targets, at: now)
    }

    /// An address was refused because of all its failures.
    mutating func drained(_ address: String, at now: WallTime) {
        for tenant in tenants[address] ?? [] {
            if let told = told[tenant], !isFree(tenant, at: now) {
                let names = places[Place(tenant: tenant, address: address)]?.names ?? []
                guard !told.what.addresses.contains(address), !names.isSubset(of: told.what.accounts) else { continue }
            }
            note(tenant, at: now) { $0.addresses.insert(address) }
        }
    }

    /// An account's strangers have to wait because of all the failures at it.
    mutating func slowed(_ target: Target, at now: WallTime) {
        if let told = told[target.tenant], !isFree(target.tenant, at: now), told.what.accounts.contains(target.user) {
            return
        }
        note(target.tenant, at: now) { $0.accounts.insert(target.user) }
    }

    private mutating func note(_ tenant: TenantID, at now: WallTime, _ add: (inout Pending) -> Void) {
        var what = pending[tenant] ?? Pending(since: now)
        if what.addresses.count + what.accounts.count < Self.mostNames { add(&what) }
        pending[tenant] = what
    }

    /// The alerts whose time has come; the accounts first, for they say more.
    mutating func due(at now: WallTime) -> [TenantID: Alert] {
        var alerts: [TenantID: Alert] = [:]
        for (tenant, what) in pending where isFree(tenant, at: now) && isGathered(what, at: now) {
            alerts[tenant] = alert(tenant, what)
            pending[tenant] = nil
            told[tenant] = (now, what)
        }
        return alerts
    }

    /// The administrators were told at another time than was thought: by an earlier run of the program.
    mutating func wasTold(_ tenant: TenantID, at moment: WallTime) {
        guard let last = told[tenant] else { return }
        pending[tenant] = last.what
        told[tenant] = (moment, Pending(since: moment))
    }

    private func alert(_ tenant: TenantID, _ what: Pending) -> Alert? {
        let others = what.accounts.count + what.addresses.count - 1
        let accounts = what.accounts.compactMap { user in
            targets[Target(tenant: tenant, user: user)].map { (user, $0) }
        }
        if let (user, tally) = accounts.max(by: { $0.1.failures < $1.1.failures }) {
            return Alert(
                subject: .account(user), failures: tally.failures, names: tally.names.count, since: tally.since,
                others: others)
        }
        let addresses = what.addresses.compactMap { address in
            places[Place(tenant: tenant, address: address)].map { (address, $0) }
        }
        guard let (address, tally) = addresses.max(by: { $0.1.failures < $1.1.failures }) else { return nil }
        return Alert(
            subject: .address(address), failures: tally.failures, names: tally.names.count, since: tally.since,
            others: others)
    }

    private func isFree(_ tenant: TenantID, at now: WallTime) -> Bool {
        guard let last = told[tenant]?.at else { return true }
        return last > now || last.advanced(by: Self.interval) <= now
    }

    private func isGathered(_ what: Pending, at now: WallTime) -> Bool {
        what.since > now || what.since.advanced(by: Self.gathering) <= now
    }

    /// - Returns: whether others had to go.
    private static func count<Key: Hashable, Name: Hashable>(
        _ name: Name, under key: Key, in tallies: inout [Key: Tally<Name>], at now: WallTime
    ) -> Bool {
        var hasEvicted = false
        if let old = tallies[key], old.last.advanced(by: memory) <= now { tallies[key] = nil }
        if tallies[key] == nil, tallies.count >= bound {
            // An eighth at once, so that a flood of new ones does not sort them each time.
            let oldest = tallies.sorted { $0.value.last < $1.value.last }.prefix(bound / 8)
            for (key, _) in oldest { tallies[key] = nil }
            hasEvicted = true
        }
        var tally = tallies[key] ?? Tally(since: now, last: now)
        tally.failures += 1
        tally.last = now
        if tally.names.count < mostNames { tally.names.insert(name) }
        tallies[key] = tally
        return hasEvicted
    }
}
