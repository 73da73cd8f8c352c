public import Core

/// The keys by which a connection signs and decrypts, and how one takes another's place.
extension ConnectionRepository {
    /// The keys of a connection, the newest first.
    /// - Throws: `StoreFault`.
    public func keys(of connection: ConnectionName) async throws -> [StoredConnectionKey] {
        try await database.transaction { transaction in
            try keys.all(of: connection, &transaction).map { try keys.key($0) }
        }
    }

    /// Adds a key.
    /// - Parameter certificate: DER; the one that tells the provider of the key.
    /// - Throws: `StoreConflict.connectionKeyTaken` where the connection has one in that state already, as where two
    ///   made the first one at once; `StoreFault`.
    @discardableResult
    public func add(
        key: ConnectionSecret, certificate: [UInt8], state: KeyState, to connection: ConnectionName,
        audit entry: AuditEntry, at now: WallTime
    ) async throws -> RowID {
        let id = RowID(at: now)
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            try keys.insert(
                key, certificate: certificate, state: state, as: id, to: connection, at: now, &transaction)
            try audit.append(entry, key: auditKey, at: now, in: &transaction)
            return id
        }
    }

    /// Makes the next key the current one, and the current one a former one.
    /// - Returns: false where there is no next key; then nothing is written.
    /// - Throws: `StoreFault`.
    public func finishRollOver(
        of connection: ConnectionName, audit entry: AuditEntry, at now: WallTime
    ) async throws -> Bool {
        try await changeKeys(of: connection, audit: entry, at: now) { rows, transaction in
            guard let next = try rows.first(where: { try $0.text(2) == KeyState.next.rawValue }) else { return false }
            for row in rows where try row.text(2) == KeyState.current.rawValue {
                try keys.move(row, to: .former, at: now, &transaction)
            }
            try keys.move(next, to: .current, at: now, &transaction)
            let former = try keys.all(of: connection, &transaction)
                .filter { try $0.text(2) == KeyState.former.rawValue }
                .sorted { try $0.integer(4) > $1.integer(4) }
            for row in former.dropFirst(Self.mostFormerKeys) { try keys.delete(row, &transaction) }
            return true
        }
    }

    /// Deletes the next key.
    /// - Returns: false where there is none; then nothing is written.
    /// - Throws: `StoreFault`.
    public func cancelRollOver(
        of connection: ConnectionName, audit entry: AuditEntry, at now: WallTime
    ) async throws -> Bool {
        try await changeKeys(of: connection, audit: entry, at: now) { rows, transaction in
            guard let next = try rows.first(where: { try $0.text(2) == KeyState.next.rawValue }) else { return false }
            try keys.delete(next, &transaction)
            return true
        }
    }

    /// Deletes keys that have been former ones since before a moment; how many.
    /// - Throws: `StoreFault`.
    public func deleteFormerKeys(of connection: ConnectionName, before moment: WallTime) async throws -> Int {
        try await database.transaction { transaction in
            var count = 0
            for row in try keys.all(of: connection, &transaction)
            where try row.text(2) == KeyState.former.rawValue && row.integer(4) < moment.milliseconds {
                try keys.delete(row, &transaction)
                count += 1
            }
            return count
        }
    }

    /// Changes a connection's keys in one transaction with its entry, which is written only where something was done.
    private func changeKeys(
        of connection: ConnectionName, audit entry: AuditEntry, at now: WallTime,
        _ body: @escaping @Sendable ([SQLRow], inout StoreTransaction) throws -> Bool
    ) async throws -> Bool {
        let auditKey = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            let isDone = try body(keys.all(of: connection, &transaction), &transaction)
            if isDone { try audit.append(entry, key: auditKey, at: now, in: &transaction) }
            return isDone
        }
    }
}
