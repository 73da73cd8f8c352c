import Core

/// The tenants' databases that are open: the least recently used is let go when there are too many.
///
/// A database that is let go while somebody works on it stays open until they are done, and is found again as
/// long as it is: one file never has two connections.
actor OpenTenants {
    private final class Reference {
        weak var database: SQLiteDatabase?
        init(_ database: SQLiteDatabase) { self.database = database }
    }

    private let bound: Int
    private let open: @Sendable (TenantID) async throws -> SQLiteDatabase
    /// Strong, with the turn of the last use.
    private var kept: [TenantID: (database: SQLiteDatabase, turn: UInt64)] = [:]
    /// What may still be open after it was let go.
    private var released: [TenantID: Reference] = [:]
    private var opening: [TenantID: Task<SQLiteDatabase, any Error>] = [:]
    private var turn: UInt64 = 0

    init(bound: Int, open: @escaping @Sendable (TenantID) async throws -> SQLiteDatabase) {
        self.bound = bound
        self.open = open
    }

    /// How many are kept open.
    var count: Int { kept.count }

    func database(_ tenant: TenantID) async throws -> SQLiteDatabase {
        if let known = kept[tenant]?.database ?? released[tenant]?.database {
            keep(known, tenant)
            return known
        }
        if let task = opening[tenant] { return try await task.value }
        let task = Task { [open] in try await open(tenant) }
        opening[tenant] = task
        defer { opening[tenant] = nil }
        let database = try await task.value
        keep(database, tenant)
        return database
    }

    /// Closes all; calls on them fail from then on.
    func close() throws {
        for entry in kept.values { try entry.database.close() }
        for reference in released.values { try reference.database?.close() }
        kept.removeAll()
        released.removeAll()
    }

    private func keep(_ database: SQLiteDatabase, _ tenant: TenantID) {
        turn += 1
        kept[tenant] = (database, turn)
        released[tenant] = nil
        if kept.count > bound, let oldest = kept.min(by: { $0.value.turn < $1.value.turn }) {
            released = released.filter { $0.value.database != nil }
            released[oldest.key] = Reference(oldest.value.database)
            kept[oldest.key] = nil
        }
    }
}
