public import Core

/// Everything of one tenant that is in its own database.  It knows no other tenant.
public struct TenantStore: Sendable {
    public let tenant: TenantID
    public let users: UserRepository
    public let sessions: SessionRepository
    public let devices: DeviceRepository
    public let audit: AuditLog
    /// Keeps the file open, and lets its soundness be examined.
    let database: SQLiteDatabase

    init(
        _ tenant: TenantID, database: SQLiteDatabase, keys: TenantKeys, hierarchy: KeyHierarchy, members: MemberIndex
    ) {
        let rows = UserRows(tenant: tenant, keys: keys)
        let audit = AuditLog(database, keys: keys, hierarchy: hierarchy)
        self.tenant = tenant
        self.database = database
        self.audit = audit
        users = UserRepository(database, rows: rows, hierarchy: hierarchy, members: members, audit: audit)
        sessions = SessionRepository(database, rows: rows, hierarchy: hierarchy, audit: audit)
        devices = DeviceRepository(database, tenant: tenant, keys: keys)
    }
}
