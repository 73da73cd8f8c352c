import Core

/// Ids that count once, as keyed hashes with their ends.
struct UsedIDs: Sendable {
    let seals: ConnectionSeals

    func isUsed(_ id: [UInt8], _ transaction: inout StoreTransaction) throws -> Bool {
        try transaction.first("SELECT 1 FROM used_id WHERE id = ?", .blob(id)) != nil
    }

    func insert(_ id: [UInt8], until end: WallTime, _ transaction: inout StoreTransaction) throws {
        let row: [SQLValue] = [.blob(id), .integer(end.milliseconds)]
        try transaction.execute(
            "INSERT INTO used_id (id, expires_at, mac) VALUES (?, ?, ?)", row[0], row[1], seals.code(row, .usedID))
    }

    /// Reads 1000 rows after this id, for an examination.
    /// - Returns: the last one; nil where there are no more.
    func examine(after last: [UInt8], _ transaction: inout StoreTransaction) throws -> [UInt8]? {
        let rows = try transaction.query(
            "SELECT id, expires_at, mac FROM used_id WHERE id > ? ORDER BY id LIMIT 1000", .blob(last))
        for row in rows { _ = try seals.authenticated(row, .usedID) }
        return try rows.last?.blob(0)
    }
}
