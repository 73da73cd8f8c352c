extension Schema {
    /// A tenant's own database.
    static let tenant = Schema(
        kind: "tenant",
        steps: [
            [
                """
                CREATE TABLE member (
                    id BLOB NOT NULL PRIMARY KEY, state BIGINT NOT NULL, created_at BIGINT NOT NULL,
                    changed_at BIGINT NOT NULL, epoch BIGINT NOT NULL, roles TEXT NOT NULL,
                    email_index BLOB NOT NULL UNIQUE, email_rule BIGINT NOT NULL, sealed BLOB NOT NULL,
                    password BLOB, mac BLOB NOT NULL)
                """,
                """
                CREATE TABLE session (
                    id BLOB NOT NULL PRIMARY KEY, token BLOB NOT NULL UNIQUE,
                    member BLOB NOT NULL REFERENCES member (id), created_at BIGINT NOT NULL,
                    used_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, factors TEXT NOT NULL,
                    epoch BIGINT NOT NULL, sealed BLOB NOT NULL, mac BLOB NOT NULL)
                """,
                "CREATE INDEX session_member ON session (member, created_at)",
                "CREATE INDEX session_expires ON session (expires_at)",
                """
                CREATE TABLE device (
                    token BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL REFERENCES member (id),
                    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, mac BLOB NOT NULL)
                """,
                "CREATE INDEX device_member ON device (member)",
                "CREATE INDEX device_expires ON device (expires_at)",
            ] + AuditLog.steps,
            OutboxRepository.steps,
            LinkRows.steps,
            [
                """
                CREATE TABLE dear_hash (
                    member BLOB NOT NULL PRIMARY KEY REFERENCES member (id), microseconds BIGINT NOT NULL)
                """,
                "CREATE INDEX dear_hash_microseconds ON dear_hash (microseconds)",
            ],
            FormerTokens.steps,
            HostTokens.steps + HandoffCodes.steps,
            FactorRows.steps,
            ConnectionSchema.steps,
        ])
}
