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
    private var isClosed = false

    init(bound: Int, open: @escaping @Sendable (TenantID) async throws -> SQLiteDatabase) {
        self.bound = bound
        self.open = open
    }

    /// How many are kept open.
    var count: Int { kept.count }

    /// - Throws: `StoreFault.closed` after `close`, also where the opening had begun before.
    func database(_ tenant: TenantID) async throws -> SQLiteDatabase {
        guard !isClosed else { throw StoreFault.closed }
        if let known = kept[tenant]?.database ?? released[tenant]?.database {
            keep(known, tenant)
            return known
        }
        if let task = opening[tenant] {
            let database = try await task.value
            guard !isClosed else { throw StoreFault.closed }
            return database
        }
        let task = Task { [open] in try await open(tenant) }
        opening[tenant] = task
        defer { opening[tenant] = nil }
        let database = try await task.value
        // `close` has waited for the task, too, and closes what it opened.
        guard !isClosed else { throw StoreFault.closed }
        keep(database, tenant)
        return database
    }

    /// Closes all, what is being opened included; calls on them fail from then on.
    func close() async throws {
        isClosed = true
        for task in opening.values {
            // One that could not be opened has told those who asked for it.
            guard let database = try? await task.value else { continue }
            try database.close()
        }
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
