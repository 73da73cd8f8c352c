import Core

/// Metadata as rows: document and notes sealed under the tenant's key.
struct MetadataRows: Sendable {
    let seals: ConnectionSeals

    func find(_ connection: ConnectionName, _ transaction: inout StoreTransaction) throws -> StoredMetadata? {
        let row = try transaction.first(
            """
            SELECT connection, fetched_at, checked_at, failures, document, notes, mac FROM connection_metadata
            WHERE connection = ?
            """, .text(connection.text))
        return try row.map { try metadata($0) }
    }

    /// Writes it in the place of what there was.
    func write(
        _ metadata: StoredMetadata, of connection: ConnectionName, _ transaction: inout StoreTransaction
    ) throws {
        let bound: [SQLValue] = [
            .integer(metadata.fetchedAt.milliseconds), .integer(metadata.checkedAt.milliseconds),
            .integer(Int64(metadata.failures)),
        ]
        let name = Array(connection.text.utf8)
        let records = seals.keys.records
        let row =
            [.text(connection.text)] + bound
            + [
                .blob(records.seal(metadata.document, for: seals.binding(.metadata, part: "document", name, bound))),
                .blob(records.seal(metadata.notes, for: seals.binding(.metadata, part: "notes", name, bound))),
            ]
        try transaction.execute(
            """
            INSERT INTO connection_metadata (connection, fetched_at, checked_at, failures, document, notes, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection) DO UPDATE SET fetched_at = excluded.fetched_at,
            checked_at = excluded.checked_at, failures = excluded.failures, document = excluded.document,
            notes = excluded.notes, mac = excluded.mac
            """, row[0], row[1], row[2], row[3], row[4], row[5], seals.code(row, .metadata))
    }

    /// Reads 100 rows after this connection, for an examination.
    /// - Returns: the last one; nil where there are no more.
    func examine(after last: String, _ transaction: inout StoreTransaction) throws -> String? {
        let rows = try transaction.query(
            """
            SELECT connection, fetched_at, checked_at, failures, document, notes, mac FROM connection_metadata
            WHERE connection > ? ORDER BY connection LIMIT 100
            """, .text(last))
        for row in rows { _ = try metadata(row) }
        return try rows.last?.text(0)
    }

    private func metadata(_ row: SQLRow) throws -> StoredMetadata {
        let row = try seals.authenticated(row, .metadata)
        let (name, bound) = (Array(try row.text(0).utf8), Array(row.values[1...3]))
        let records = seals.keys.records
        var metadata = StoredMetadata(
            document: try records.open(row.blob(4), for: seals.binding(.metadata, part: "document", name, bound)),
            fetchedAt: WallTime(milliseconds: try row.integer(1)),
            checkedAt: WallTime(milliseconds: try row.integer(2)), failures: Int(clamping: try row.integer(3)))
        let notes = try records.open(row.blob(5), for: seals.binding(.metadata, part: "notes", name, bound))
        do { try metadata.readNotes(notes) } catch { throw seals.fault(row, .metadata) }
        return metadata
    }
}
