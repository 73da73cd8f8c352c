extension Schema {
    /// `keys.db`: wrapped keys, and the names of those that were destroyed.
    static let keys = Schema(
        kind: "keys",
        steps: [
            [
                "CREATE TABLE master_key (fingerprint TEXT NOT NULL PRIMARY KEY)",
                """
                CREATE TABLE tenant_key (
                    tenant TEXT NOT NULL, purpose TEXT NOT NULL, version BIGINT NOT NULL, wrapped BLOB NOT NULL,
                    created_at BIGINT NOT NULL, PRIMARY KEY (tenant, purpose, version))
                """,
                """
                CREATE TABLE person_key (
                    tenant TEXT NOT NULL, person BLOB NOT NULL, version BIGINT NOT NULL, wrapped BLOB NOT NULL,
                    created_at BIGINT NOT NULL, PRIMARY KEY (tenant, person))
                """,
                """
                CREATE TABLE destroyed_person (
                    tenant TEXT NOT NULL, person BLOB NOT NULL, destroyed_at BIGINT NOT NULL,
                    PRIMARY KEY (tenant, person))
                """,
            ]
        ])
}
