public import Core

/// What whoever sends letters does with them.
extension OutboxRepository {
    /// Takes the letter whose turn has come first: nobody is given it again until `lease`, so that two processes do not
    /// send it twice, and one that dies loses none.  Letters about erased people go at once.
    /// - Throws: `StoreFault`, also where the letter was changed by another hand; the next call gives the next one.
    public func take(at now: WallTime, until lease: WallTime) async throws -> WaitingLetter? {
        while true {
            let found = try await database.transaction { transaction -> SQLRow? in
                let row = try transaction.first(
                    """
                    SELECT id, member, kind, posted_at, expires_at, attempts, sealed FROM outbox WHERE due_at <= ?
                    ORDER BY due_at, id LIMIT 1
                    """, .integer(now.milliseconds))
                guard let row else { return nil }
                try transaction.execute(
                    "UPDATE outbox SET due_at = ? WHERE id = ?", .integer(lease.milliseconds), .blob(row.blob(0)))
                return row
            }
            guard let row = found else { return nil }
            let fault = StoreFault.recordNotAuthentic(table: "outbox", row: RowName.text(try row.blob(0)))
            guard let id = RowID(octets: try row.blob(0)), let user = UserID(octets: try row.blob(1)) else {
                throw fault
            }
            guard let key = try await hierarchy.persons([user], of: keys)[user] else {
                try await remove(id)
                continue
            }
            let plain = try key.open(row.blob(6), for: binding(id, Array(row.values[1...4])))
            let expiresAt = WallTime(milliseconds: try row.integer(4))
            guard let letter = try? Letter(kind: try row.text(2), expiresAt: expiresAt, sealedPart: plain) else {
                throw fault
            }
            return WaitingLetter(
                id: id, user: user, letter: letter, postedAt: WallTime(milliseconds: try row.integer(3)),
                attempts: Int(try row.integer(5)))
        }
    }

    /// The letter has gone: its row is deleted.
    public func remove(_ id: RowID) async throws {
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM outbox WHERE id = ?", .blob(id.octets))
        }
    }

    /// The letter will never go: its row is deleted, and the audit log says why.
    public func giveUp(_ id: RowID, audit entry: AuditEntry, at now: WallTime) async throws {
        let auditKey = try await audit.sealingKey(for: entry)
        try await database.transaction { transaction in
            try transaction.execute("DELETE FROM outbox WHERE id = ?", .blob(id.octets))
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
        }
    }

    /// The letter could not be sent now; it comes up again at `due`.
    /// - Parameter isAttempt: false where that was no fault of the letter's.
    public func postpone(_ id: RowID, until due: WallTime, isAttempt: Bool = true) async throws {
        try await database.transaction { transaction in
            try transaction.execute(
                "UPDATE outbox SET due_at = ?, attempts = attempts + ? WHERE id = ?", .integer(due.milliseconds),
                .integer(isAttempt ? 1 : 0), .blob(id.octets))
        }
    }

    /// How many letters wait, since when the oldest does, and when the next is due.
    public func standing() async throws -> (waiting: Int, oldest: WallTime?, nextDue: WallTime?) {
        try await database.transaction { transaction in
            let row = try transaction.first(
                "SELECT count(*), coalesce(min(posted_at), 0), coalesce(min(due_at), 0) FROM outbox")
            guard let row, try row.integer(0) > 0 else { return (0, nil, nil) }
            return (
                Int(try row.integer(0)), WallTime(milliseconds: try row.integer(1)),
                WallTime(milliseconds: try row.integer(2))
            )
        }
    }

    /// Deletes letters that nobody sent, because mail is not configured any more: a day after their time, 1000 at most;
    /// how many.
    public func deleteExpired(at now: WallTime) async throws -> Int {
        let moment = now.milliseconds - Int64(Self.expiryGrace.count)
        return try await database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE expires_at <= ? LIMIT 1000)",
                .integer(moment))
        }
    }

    /// Notes the tenant where letters wait, should it have been crossed off by mistake; now and then.
    public func renote(at now: WallTime) async throws {
        let standing = try await standing()
        if standing.waiting > 0 { try await index.note(tenant, at: now) }
    }
}
