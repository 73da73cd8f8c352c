import Core

/// Origins of sessions as rows: found by keyed hashes, what says who it is sealed under the member's key.  They go with
/// their sessions.
struct OriginRows: Sendable {
    let seals: ConnectionSeals

    /// Writes the origin of a session that was written in this transaction.
    func insert(
        _ origin: SessionOrigin, of session: RowID, member: UserID, key: SealingKey,
        _ transaction: inout StoreTransaction
    ) throws {
        try insert(origin, index: index(of: origin), of: session, member: member, key: key, &transaction)
    }

    /// Writes what a session's provider calls it from now on.
    ///
    /// Where it calls it something else than before, every logout of the subject means the session: providers differ in
    /// which of the two names they give then, and none may be told of an end that did not come.
    func replace(
        with origin: SessionOrigin, of session: RowID, member: UserID, key: SealingKey,
        _ transaction: inout StoreTransaction
    ) throws {
        var index = index(of: origin)
        if let former = try find(session, &transaction) {
            if try former.optionalBlob(3) != index { index = nil }
            try transaction.execute("DELETE FROM session_origin WHERE session = ?", .blob(session.octets))
        }
        try insert(origin, index: index, of: session, member: member, key: key, &transaction)
    }

    private func index(of origin: SessionOrigin) -> [UInt8]? {
        origin.sessionIndex.map { seals.sessionIndex($0, of: origin.connection, entityID: origin.entityID) }
    }

    private func insert(
        _ origin: SessionOrigin, index: [UInt8]?, of session: RowID, member: UserID, key: SealingKey,
        _ transaction: inout StoreTransaction
    ) throws {
        let bound: [SQLValue] = [
            .text(origin.connection.text),
            .blob(seals.subject(origin.connection, entityID: origin.entityID, subject: origin.subject)),
            .optional(index),
        ]
        let place = seals.binding(.origin, session.octets, [.blob(member.octets)] + bound)
        let row = [.blob(session.octets)] + bound + [.blob(key.seal(origin.sealedPart, for: place))]
        try transaction.execute(
            """
            INSERT INTO session_origin (session, connection, subject, session_index, sealed, mac)
            VALUES (?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], seals.code(row, .origin))
    }

    /// The authenticated row of a session; nil where it came by no connection.
    func find(_ session: RowID, _ transaction: inout StoreTransaction) throws -> SQLRow? {
        try transaction.first(
            """
            SELECT session, connection, subject, session_index, sealed, mac FROM session_origin WHERE session = ?
            """, .blob(session.octets)
        ).map { try seals.authenticated($0, .origin) }
    }

    /// The sessions of a subject, by its hash; only those of these indexes, and those of none, where there are any.
    func sessions(
        of subject: [UInt8], indexes: Set<[UInt8]>, _ transaction: inout StoreTransaction
    ) throws -> [RowID] {
        let rows = try transaction.query(
            """
            SELECT session, connection, subject, session_index, sealed, mac FROM session_origin WHERE subject = ?
            ORDER BY session LIMIT 1000
            """, .blob(subject))
        return try rows.compactMap { row in
            let row = try seals.authenticated(row, .origin)
            if !indexes.isEmpty, let index = try row.optionalBlob(3), !indexes.contains(index) { return nil }
            return RowID(octets: try row.blob(0))
        }
    }

    /// Sessions that came by a connection, 1000 at most.
    func sessions(of connection: ConnectionName, _ transaction: inout StoreTransaction) throws -> [RowID] {
        try transaction.query(
            "SELECT session FROM session_origin WHERE connection = ? ORDER BY session LIMIT 1000",
            .text(connection.text)
        ).compactMap { RowID(octets: try $0.blob(0)) }
    }

    /// Opens an authenticated row.
    func origin(_ row: SQLRow, member: UserID, key: SealingKey) throws -> SessionOrigin {
        let session = try row.blob(0)
        let place = seals.binding(.origin, session, [.blob(member.octets)] + Array(row.values[1...3]))
        let plain = try key.open(row.blob(4), for: place)
        guard let connection = ConnectionName(try row.text(1)),
            let origin = try? SessionOrigin(connection: connection, sealedPart: plain)
        else { throw seals.fault(row, .origin) }
        return origin
    }
}
