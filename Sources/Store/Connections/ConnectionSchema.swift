/// The tables of what connections need to be durable.
enum ConnectionSchema {
    static let steps: [StaticString] = [
        """
        CREATE TABLE connection_metadata (
            connection TEXT NOT NULL PRIMARY KEY, fetched_at BIGINT NOT NULL, checked_at BIGINT NOT NULL,
            failures BIGINT NOT NULL, document BLOB NOT NULL, notes BLOB NOT NULL, mac BLOB NOT NULL)
        """,
        """
        CREATE TABLE connection_key (
            id BLOB NOT NULL PRIMARY KEY, connection TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL,
            changed_at BIGINT NOT NULL, certificate BLOB NOT NULL, secret BLOB NOT NULL, mac BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX connection_key_state ON connection_key (connection, state) WHERE state <> 'former'",
        """
        CREATE TABLE account_link (
            subject BLOB NOT NULL PRIMARY KEY, connection TEXT NOT NULL,
            member BLOB NOT NULL REFERENCES member (id), created_at BIGINT NOT NULL, used_at BIGINT NOT NULL,
            sealed BLOB NOT NULL, mac BLOB NOT NULL, UNIQUE (member, connection))
        """,
        """
        CREATE TABLE session_origin (
            session BLOB NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE, connection TEXT NOT NULL,
            subject BLOB NOT NULL, session_index BLOB, sealed BLOB NOT NULL, mac BLOB NOT NULL)
        """,
        "CREATE INDEX session_origin_subject ON session_origin (subject)",
        "CREATE INDEX session_origin_connection ON session_origin (connection, session)",
        "CREATE TABLE used_id (id BLOB NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL, mac BLOB NOT NULL)",
        "CREATE INDEX used_id_expires ON used_id (expires_at)",
        """
        CREATE TABLE sso_trace (
            id BLOB NOT NULL PRIMARY KEY, at BIGINT NOT NULL, is_bound BIGINT NOT NULL, connection TEXT NOT NULL,
            request TEXT NOT NULL, sealed BLOB NOT NULL)
        """,
        "CREATE INDEX sso_trace_at ON sso_trace (is_bound, at, id)",
    ]
}
