public import Core

/// The tenants in the directory, and whose hosts and e-mail domains are whose.
public struct TenantRepository: Sendable {
    /// Tenants of one reading, at most.
    public static let longestPage = 1000

    private let database: any SQLDatabase
    private let keys: TenantKeys
    private let audit: AuditLog

    init(_ database: any SQLDatabase, keys: TenantKeys, audit: AuditLog) {
        self.database = database
        self.keys = keys
        self.audit = audit
    }

    /// Writes a new tenant; its keys and its database are there already.
    /// - Throws: `StoreConflict.tenantExists`, `.hostTaken`, `.domainTaken`; `StoreFault`.
    func create(_ tenant: Tenant, audit entry: AuditEntry, at now: WallTime) async throws -> Tenant {
        let key = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            guard try transaction.first("SELECT 1 FROM tenant WHERE id = ?", .text(tenant.id.text)) == nil else {
                throw StoreConflict.tenantExists
            }
            let made = try insert(tenant, at: now, &transaction)
            try writeNames(made, &transaction)
            try audit.append(entry, key: key, at: now, in: &transaction)
            return made
        }
    }

    /// Writes many tenants, new ones and known ones, all or none; each leaves an entry.  Hosts may move from one of them
    /// to another.
    /// - Throws: `StoreConflict.hostTaken`, `.domainTaken`; `StoreFault`.
    func write(_ changed: [Tenant], at now: WallTime) async throws {
        try await database.transaction { transaction in
            for tenant in changed {
                try transaction.execute("DELETE FROM tenant_host WHERE tenant = ?", .text(tenant.id.text))
                try transaction.execute("DELETE FROM tenant_domain WHERE tenant = ?", .text(tenant.id.text))
            }
            for tenant in changed {
                let isNew = try transaction.first("SELECT 1 FROM tenant WHERE id = ?", .text(tenant.id.text)) == nil
                let written =
                    isNew ? try insert(tenant, at: now, &transaction) : try change(tenant, at: now, &transaction)
                try writeNames(written, &transaction)
                let entry = AuditEntry(
                    action: isNew ? "tenant.created" : "tenant.changed", actor: .operator,
                    publicDetails: [.init("tenant", tenant.id.text), .init("by", "file")])
                try audit.append(entry, key: keys.records, at: now, in: &transaction)
            }
        }
    }

    /// Changes a tenant; its epoch grows.
    /// - Throws: `StoreConflict.notFound`, `.hostTaken`, `.domainTaken`, what `change` throws; `StoreFault`.
    @discardableResult
    public func update(
        _ id: TenantID, audit entry: AuditEntry, at now: WallTime,
        change: @escaping @Sendable (inout Tenant) throws -> Void
    ) async throws -> Tenant {
        let key = try await audit.sealingKey(for: entry)
        return try await database.transaction { transaction in
            guard var tenant = try find(id, &transaction) else { throw StoreConflict.notFound }
            try change(&tenant)
            let written = try self.change(tenant, at: now, &transaction)
            try transaction.execute("DELETE FROM tenant_host WHERE tenant = ?", .text(id.text))
            try transaction.execute("DELETE FROM tenant_domain WHERE tenant = ?", .text(id.text))
            try writeNames(written, &transaction)
            try audit.append(entry, key: key, at: now, in: &transaction)
            return written
        }
    }

    /// The tenant with this id; nil where there is none.
    public func find(_ id: TenantID) async throws -> Tenant? {
        try await database.reading { try find(id, &$0) }
    }

    /// The tenant that an e-mail domain belongs to.
    /// - Parameter domain: as `NormalizedEmail.domain` spells it.
    public func find(emailDomain domain: String) async throws -> Tenant? {
        let index = keys.index.index("email-domain", domain)
        return try await database.transaction { transaction in
            let row = try transaction.first("SELECT tenant FROM tenant_domain WHERE domain_index = ?", .blob(index))
            guard let row, let id = TenantID(try row.text(0)) else { return nil }
            let tenant = try find(id, &transaction)
            // The index alone proves nothing: the tenant's authenticated record must name the domain.
            guard let tenant, tenant.emailDomains.contains(domain) else {
                throw StoreFault.recordNotAuthentic(table: "tenant_domain", row: id.text)
            }
            return tenant
        }
    }

    /// The tenant whose host it is; nil where it is nobody's.
    /// - Parameter host: as `CanonicalHost` spells it.
    public func find(host: String) async throws -> Tenant? {
        try await database.transaction { transaction in
            let row = try transaction.first("SELECT tenant FROM tenant_host WHERE host = ?", .text(host))
            guard let row, let id = TenantID(try row.text(0)) else { return nil }
            // The row alone proves nothing: the tenant's authenticated record must name the host.
            guard let tenant = try find(id, &transaction), tenant.hosts.contains(host) else {
                throw StoreFault.recordNotAuthentic(table: "tenant_host", row: host)
            }
            return tenant
        }
    }

    /// Tenants after `id` in the order of their ids.
    /// - Parameter limit: 1…1000; more is cut.
    public func list(after id: TenantID? = nil, limit: Int = longestPage) async throws -> [Tenant] {
        let limit = min(max(1, limit), Self.longestPage)
        return try await database.transaction { transaction in
            try transaction.query(
                """
                SELECT id, state, created_at, changed_at, epoch, plan, region, policy, sealed, mac FROM tenant
                WHERE id > ? ORDER BY id LIMIT ?
                """, .text(id?.text ?? ""), .integer(Int64(limit))
            ).map { try tenant($0) }
        }
    }

    // MARK: Rows

    private func find(_ id: TenantID, _ transaction: inout StoreTransaction) throws -> Tenant? {
        try transaction.first(
            """
            SELECT id, state, created_at, changed_at, epoch, plan, region, policy, sealed, mac FROM tenant WHERE id = ?
            """, .text(id.text)
        ).map { try tenant($0) }
    }

    private func insert(_ tenant: Tenant, at now: WallTime, _ transaction: inout StoreTransaction) throws -> Tenant {
        var tenant = tenant
        (tenant.createdAt, tenant.changedAt, tenant.epoch) = (now, now, 1)
        let row = columns(tenant)
        try transaction.execute(
            """
            INSERT INTO tenant (id, state, created_at, changed_at, epoch, plan, region, policy, sealed, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], code(row))
        return tenant
    }

    private func change(_ tenant: Tenant, at now: WallTime, _ transaction: inout StoreTransaction) throws -> Tenant {
        var tenant = tenant
        (tenant.changedAt, tenant.epoch) = (now, tenant.epoch + 1)
        let row = columns(tenant)
        try transaction.execute(
            """
            UPDATE tenant SET state = ?, changed_at = ?, epoch = ?, plan = ?, region = ?, policy = ?, sealed = ?,
            mac = ? WHERE id = ?
            """, row[1], row[3], row[4], row[5], row[6], row[7], row[8], code(row), row[0])
        return tenant
    }

    private func writeNames(_ tenant: Tenant, _ transaction: inout StoreTransaction) throws {
        for host in tenant.hosts {
            let changed = try transaction.execute(
                "INSERT INTO tenant_host (host, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING", .text(host),
                .text(tenant.id.text))
            guard changed == 1 else { throw StoreConflict.hostTaken(host) }
        }
        for domain in tenant.emailDomains {
            let changed = try transaction.execute(
                "INSERT INTO tenant_domain (domain_index, tenant) VALUES (?, ?) ON CONFLICT DO NOTHING",
                .blob(keys.index.index("email-domain", domain)), .text(tenant.id.text))
            guard changed == 1 else { throw StoreConflict.domainTaken(domain) }
        }
    }

    /// All columns but the code, in the order of the table.
    private func columns(_ tenant: Tenant) -> [SQLValue] {
        let clear: [SQLValue] = [
            .text(tenant.id.text), .integer(tenant.state.rawValue), .integer(tenant.createdAt.milliseconds),
            .integer(tenant.changedAt.milliseconds), .integer(tenant.epoch), .text(tenant.plan),
            .text(tenant.region), .blob(tenant.policy),
        ]
        return clear + [.blob(keys.records.seal(tenant.sealedPart, for: binding(clear)))]
    }

    private func binding(_ clear: [SQLValue]) -> RecordBinding {
        guard case .text(let id) = clear[0] else { return RecordBinding(tenant: "", table: "tenant", row: []) }
        return RecordBinding(tenant: keys.scope, table: "tenant", row: Array(id.utf8), columns: clear)
    }

    private func code(_ row: [SQLValue]) -> SQLValue {
        .blob(keys.rows.code(tenant: keys.scope, table: "tenant", columns: row))
    }

    private func tenant(_ row: SQLRow) throws -> Tenant {
        let (idText, columns) = try (row.text(0), Array(row.values.prefix(9)))
        let fault = StoreFault.recordNotAuthentic(table: "tenant", row: idText)
        guard row.values.last == code(columns), let id = TenantID(idText),
            let state = Tenant.State(rawValue: try row.integer(1))
        else { throw fault }
        var tenant = Tenant(id: id, name: "", state: state)
        tenant.createdAt = WallTime(milliseconds: try row.integer(2))
        tenant.changedAt = WallTime(milliseconds: try row.integer(3))
        tenant.epoch = try row.integer(4)
        (tenant.plan, tenant.region) = try (row.text(5), row.text(6))
        do {
            try tenant.readPolicy(row.blob(7))
            try tenant.readSealedPart(keys.records.open(row.blob(8), for: binding(Array(columns.prefix(8)))))
        } catch is FieldDecoder.Malformed {
            throw fault
        }
        return tenant
    }
}
