extension Schema {
    /// `directory.db`: tenants, whose hosts and domains are whose, throttle counters, what has no tenant.
    static let directory = Schema(
        kind: "directory",
        steps: [
            [
                """
                CREATE TABLE tenant (
                    id TEXT NOT NULL PRIMARY KEY, state BIGINT NOT NULL, created_at BIGINT NOT NULL,
                    changed_at BIGINT NOT NULL, epoch BIGINT NOT NULL, plan TEXT NOT NULL, region TEXT NOT NULL,
                    policy BLOB NOT NULL, sealed BLOB NOT NULL, mac BLOB NOT NULL)
                """,
                "CREATE TABLE tenant_host (host TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant (id))",
                "CREATE INDEX tenant_host_tenant ON tenant_host (tenant)",
                """
                CREATE TABLE tenant_domain (
                    domain_index BLOB NOT NULL PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant (id))
                """,
                "CREATE INDEX tenant_domain_tenant ON tenant_domain (tenant)",
                """
                CREATE TABLE member_index (
                    email_index BLOB NOT NULL, tenant TEXT NOT NULL, PRIMARY KEY (email_index, tenant))
                """,
                """
                CREATE TABLE throttle (
                    counter BLOB NOT NULL PRIMARY KEY, kind TEXT NOT NULL, tokens BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL, sealed BLOB NOT NULL)
                """,
            ] + AuditLog.steps,
            SigningKeyRepository.steps,
            OutboxIndex.steps,
            DearHashIndex.steps,
        ])
}
