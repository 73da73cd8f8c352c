public import Core
public import HostCrypto

/// Somebody who moves in from another system.
public struct ArrivingUser: Sendable {
    /// With the id that the user keeps, or a new one.
    public var user: User
    public var email: NormalizedEmail
    /// Whether the id came along; a user without one is known by the address.
    public var bringsID: Bool
    /// Nil for a user who sets a password later, or signs in another way.
    public var password: PasswordHash?

    public init(user: User, email: NormalizedEmail, bringsID: Bool, password: PasswordHash?) {
        self.user = user
        self.email = email
        self.bringsID = bringsID
        self.password = password
    }
}

/// What became of somebody who moved in.
public enum Arrival: Sendable, Hashable {
    case created(UserID)
    /// The same user is there already, and is left as it is.
    case unchanged(UserID)
    /// Another user has the address.
    case emailTaken(by: UserID)
    /// The user of that id has another address.
    case idTaken
    /// A user of that id was erased, which is final.
    case erased
}

extension UserRepository {
    /// Users of one call, at most.
    public static let longestArrival = 500

    /// Writes those who are not there yet, all in one transaction, each with an entry; the others are left as they are.
    ///
    /// Whoever is there already is never changed by it, so that it can be done again after it was broken off.
    /// - Parameters:
    ///   - isTrial: tells what would come of it, and writes nothing.
    ///   - entry: what the log says about each who is written; nothing of it is sealed.
    /// - Returns: one for each, in the same order.
    /// - Throws: `StoreFault`; nobody has been written then.
    public func admit(
        _ arriving: [ArrivingUser], isTrial: Bool, audit entry: @escaping @Sendable (User) -> AuditEntry,
        at now: WallTime
    ) async throws -> [Arrival] {
        let judged = try await database.transaction { try judge(arriving, &$0) }
        let known = try await settled(arriving, judged)
        let destroyed = try await hierarchy.destroyed(among: arriving.map(\.user.id), of: rows.keys)
        let outcome = zip(arriving, known).map { arrival, known -> Arrival in
            guard case .created(let id) = known, destroyed.contains(id) else { return known }
            return .erased
        }
        let new = zip(arriving, outcome).filter { $1 == .created($0.user.id) }.map(\.0)
        guard !isTrial, !new.isEmpty else { return outcome }
        // Durable in this order, so that a crash leaves keys or index entries without users, never the other way
        // round.
        let keys = try await hierarchy.makePersons(new.map(\.user.id), of: rows.keys, at: now)
        try await members.add(new.map(\.email), tenant: rows.tenant)
        let dearest = new.compactMap { DearHashIndex.isDear($0.password) ? $0.password?.work : nil }.max()
        if let dearest { try await dearHashes.raise(dearest, of: rows.tenant) }
        let written = try await database.transaction { transaction in
            // Somebody may have come in between by another way.
            let judged = try judge(new, &transaction)
            for (arrival, judgement) in zip(new, judged) where judgement == .created(arrival.user.id) {
                guard let key = keys[arrival.user.id] else { throw StoreConflict.erased }
                var user = arrival.user
                (user.createdAt, user.changedAt, user.epoch) = (now, now, 1)
                user.passwords = arrival.password.map { [$0.text] } ?? []
                try rows.insert(user, email: arrival.email, key: key, &transaction)
                try audit.append(entry(user), key: rows.keys.records, at: now, in: &transaction)
            }
            return judged
        }
        if let dearest { try await dearHashes.raise(dearest, of: rows.tenant) }
        var next = written.makeIterator()
        return zip(arriving, outcome).map { arrival, known in
            known == .created(arrival.user.id) ? next.next() ?? known : known
        }
    }

    /// What would become of each, by the rows alone; two of one batch who are the same person are one.
    private func judge(_ arriving: [ArrivingUser], _ transaction: inout StoreTransaction) throws -> [Arrival] {
        var ids: Set<UserID> = []
        var emails: [NormalizedEmail: UserID] = [:]
        var judged: [Arrival] = []
        for arrival in arriving {
            let id = arrival.user.id
            var owner = emails[arrival.email]
            if owner == nil { owner = try rows.find(arrival.email, &transaction) }
            if let owner {
                judged.append(owner == id || !arrival.bringsID ? .unchanged(owner) : .emailTaken(by: owner))
                continue
            }
            var isTaken = ids.contains(id)
            if !isTaken { isTaken = try rows.find(id, &transaction) != nil }
            judged.append(isTaken ? .idTaken : .created(id))
            guard !isTaken else { continue }
            ids.insert(id)
            emails[arrival.email] = id
        }
        return judged
    }

    /// Whoever came without an id and was found by the address is the same only with the same external id.
    private func settled(_ arriving: [ArrivingUser], _ judged: [Arrival]) async throws -> [Arrival] {
        var settled = judged
        for (index, arrival) in arriving.enumerated() where !arrival.bringsID {
            guard let externalID = arrival.user.externalID, case .unchanged(let id) = judged[index],
                let user = try await find(id), user.externalID != externalID
            else { continue }
            settled[index] = .emailTaken(by: id)
        }
        return settled
    }
}
