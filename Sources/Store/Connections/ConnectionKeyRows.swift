import Core
import HostCrypto

/// Keys of connections as rows: private keys sealed under the tenant's key, state and certificate authenticated.
struct ConnectionKeyRows: Sendable {
    let seals: ConnectionSeals

    /// The keys of a connection, the newest first; there are never so many as are read.
    func all(of connection: ConnectionName, _ transaction: inout StoreTransaction) throws -> [SQLRow] {
        try transaction.query(
            """
            SELECT id, connection, state, created_at, changed_at, certificate, secret, mac FROM connection_key
            WHERE connection = ? ORDER BY created_at DESC, id DESC LIMIT 100
            """, .text(connection.text)
        ).map { try seals.authenticated($0, .key) }
    }

    /// - Throws: `StoreConflict.connectionKeyTaken` where the connection has a key in that state.
    func insert(
        _ secret: ConnectionSecret, certificate: [UInt8], state: KeyState, as id: RowID, to connection: ConnectionName,
        at now: WallTime, _ transaction: inout StoreTransaction
    ) throws {
        let (name, moment) = (SQLValue.text(connection.text), SQLValue.integer(now.milliseconds))
        let hidden = secret.withSecret { sealed($0, id.octets, [name, moment]) }
        let row: [SQLValue] = [
            .blob(id.octets), name, .text(state.rawValue), moment, moment, .blob(certificate), .blob(hidden),
        ]
        let inserted = try transaction.execute(
            """
            INSERT INTO connection_key (id, connection, state, created_at, changed_at, certificate, secret, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], seals.code(row, .key))
        guard inserted == 1 else { throw StoreConflict.connectionKeyTaken }
    }

    /// Brings an authenticated row to another state.
    func move(_ row: SQLRow, to state: KeyState, at now: WallTime, _ transaction: inout StoreTransaction) throws {
        var values = Array(row.values.dropLast())
        values[2] = .text(state.rawValue)
        values[4] = .integer(now.milliseconds)
        try transaction.execute(
            "UPDATE connection_key SET state = ?, changed_at = ?, mac = ? WHERE id = ?", values[2], values[4],
            seals.code(values, .key), values[0])
    }

    func delete(_ row: SQLRow, _ transaction: inout StoreTransaction) throws {
        try transaction.execute("DELETE FROM connection_key WHERE id = ?", .blob(try row.blob(0)))
    }

    /// Opens an authenticated row.
    func key(_ row: SQLRow) throws -> StoredConnectionKey {
        guard let id = RowID(octets: try row.blob(0)), let state = KeyState(rawValue: try row.text(2)) else {
            throw seals.fault(row, .key)
        }
        let place = seals.binding(.key, id.octets, [row.values[1], row.values[3]])
        var secret = try seals.keys.records.open(row.blob(6), for: place)
        return StoredConnectionKey(
            id: id, state: state, createdAt: WallTime(milliseconds: try row.integer(3)),
            since: WallTime(milliseconds: try row.integer(4)), certificate: try row.blob(5),
            secret: ConnectionSecret(SecretBytes(wiping: &secret)))
    }

    /// Reads 1000 rows after this key, for an examination.
    /// - Returns: the last one; nil where there are no more.
    func examine(after last: [UInt8], _ transaction: inout StoreTransaction) throws -> [UInt8]? {
        let rows = try transaction.query(
            """
            SELECT id, connection, state, created_at, changed_at, certificate, secret, mac FROM connection_key
            WHERE id > ? ORDER BY id LIMIT 1000
            """, .blob(last))
        for row in rows { _ = try key(seals.authenticated(row, .key)) }
        return try rows.last?.blob(0)
    }

    private func sealed(_ secret: borrowing SecretBytes, _ id: [UInt8], _ bound: [SQLValue]) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(secret.count)
        defer { Wiping.wipe(&plain) }
        secret.withBytes { bytes in
            let octets = Span<UInt8>(_bytes: bytes)
            for index in octets.indices { plain.append(octets[index]) }
        }
        return seals.keys.records.seal(plain, for: seals.binding(.key, id, bound))
    }
}
