public import Core

/// Everything of one tenant that is in its own database.  It knows no other tenant.
public struct TenantStore: Sendable {
    public let tenant: TenantID
    public let users: UserRepository
    public let sessions: SessionRepository
    public let devices: DeviceRepository
    /// Links that set a password.
    public let links: LinkRepository
    /// Authenticator apps, passkeys and recovery codes.
    public let factors: FactorRepository
    /// What the tenant's connections need to be durable.
    public let connections: ConnectionRepository
    /// What became of providers' messages.
    public let ssoTraces: SSOTraceRepository
    /// Mails that wait to be sent.
    public let outbox: OutboxRepository
    public let audit: AuditLog
    /// Keeps the file open, and lets its soundness be examined.
    let database: SQLiteDatabase

    init(
        _ tenant: TenantID, database: SQLiteDatabase, keys: TenantKeys, hierarchy: KeyHierarchy, members: MemberIndex,
        dearHashes: DearHashIndex, letters: OutboxIndex
    ) {
        let rows = UserRows(tenant: tenant, keys: keys)
        let links = LinkRows(tenant: tenant, keys: keys)
        let audit = AuditLog(database, keys: keys, hierarchy: hierarchy)
        self.tenant = tenant
        self.database = database
        self.audit = audit
        outbox = OutboxRepository(
            database, tenant: tenant, keys: keys, hierarchy: hierarchy, index: letters, audit: audit)
        users = UserRepository(
            database, rows: rows, hierarchy: hierarchy, members: members, dearHashes: dearHashes, audit: audit,
            outbox: outbox, links: links)
        sessions = SessionRepository(database, rows: rows, hierarchy: hierarchy, audit: audit, outbox: outbox)
        self.links = LinkRepository(
            database, rows: rows, links: links, hierarchy: hierarchy, audit: audit, outbox: outbox)
        factors = FactorRepository(
            database, users: rows, factors: FactorRows(tenant: tenant, keys: keys), links: links, sessions: sessions,
            hierarchy: hierarchy, audit: audit, outbox: outbox)
        connections = ConnectionRepository(
            database, users: rows, members: members, sessions: sessions, hierarchy: hierarchy, audit: audit)
        ssoTraces = SSOTraceRepository(database, tenant: tenant, keys: keys)
        devices = DeviceRepository(database, tenant: tenant, keys: keys, audit: audit)
    }
}
