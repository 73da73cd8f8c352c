import Core

/// Factors as rows: secrets, names and credentials sealed under their person's key, all of it authenticated under the
/// tenant's.
///
/// Each member's row in `member_factor` is authenticated together with the ids of what the member has, so that none can
/// be deleted, put back or taken from another member without being found; the member's own record says whether there
/// is anything at all.
struct FactorRows: Sendable {
    let tenant: TenantID
    let keys: TenantKeys

    /// Rows of one member and one table that are read; there are never so many.
    private static let longestReading = 100

    static let steps: [StaticString] = [
        """
        CREATE TABLE member_factor (
            member BLOB NOT NULL PRIMARY KEY REFERENCES member (id), handle BLOB, invited_at BIGINT,
            grace_began_at BIGINT, prompt_dismissed_at BIGINT, enrolment_code BLOB, enrolment_expires_at BIGINT,
            address_changed_at BIGINT, mac BLOB NOT NULL)
        """,
        """
        CREATE TABLE authenticator_app (
            id BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL REFERENCES member (id), created_at BIGINT NOT NULL,
            used_at BIGINT, last_step BIGINT NOT NULL, sealed BLOB NOT NULL, secret BLOB NOT NULL, mac BLOB NOT NULL)
        """,
        "CREATE INDEX authenticator_app_member ON authenticator_app (member, id)",
        """
        CREATE TABLE passkey (
            id BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL REFERENCES member (id),
            credential BLOB NOT NULL UNIQUE, created_at BIGINT NOT NULL, used_at BIGINT, sign_count BIGINT NOT NULL,
            backed_up BIGINT NOT NULL, sealed BLOB NOT NULL, mac BLOB NOT NULL)
        """,
        "CREATE INDEX passkey_member ON passkey (member, id)",
        """
        CREATE TABLE recovery_code (
            code BLOB NOT NULL PRIMARY KEY, member BLOB NOT NULL REFERENCES member (id), created_at BIGINT NOT NULL,
            mac BLOB NOT NULL)
        """,
        "CREATE INDEX recovery_code_member ON recovery_code (member, code)",
    ]

    /// What a member has, authenticated and complete.
    func load(_ user: UserID, _ transaction: inout StoreTransaction) throws -> FactorSet {
        let (set, found) = try loadUnchecked(user, &transaction)
        guard found == (set.state.map { code($0, set) }), set.state != nil || set.count + set.recoveryCodes.count == 0
        else { throw fault(user) }
        return set
    }

    /// What a member has while a change is under way: each row is authenticated, what is said of them together is not.
    /// - Returns: that, and the code that says it.
    func loadUnchecked(
        _ user: UserID, _ transaction: inout StoreTransaction
    ) throws -> (set: FactorSet, code: SQLValue?) {
        let (member, limit) = (SQLValue.blob(user.octets), SQLValue.integer(Int64(Self.longestReading)))
        let state = try transaction.first(
            """
            SELECT member, handle, invited_at, grace_began_at, prompt_dismissed_at, enrolment_code,
            enrolment_expires_at, address_changed_at, mac FROM member_factor WHERE member = ?
            """, member)
        let set = FactorSet(
            user: user, state: try state.map { try FactorState($0, user: user) },
            apps: try transaction.query(
                """
                SELECT id, member, created_at, used_at, last_step, sealed, secret, mac FROM authenticator_app
                WHERE member = ? ORDER BY id LIMIT ?
                """, member, limit
            ).map { try authenticated($0, .app) },
            passkeys: try transaction.query(
                """
                SELECT id, member, credential, created_at, used_at, sign_count, backed_up, sealed, mac FROM passkey
                WHERE member = ? ORDER BY id LIMIT ?
                """, member, limit
            ).map { try authenticated($0, .passkey) },
            recoveryCodes: try transaction.query(
                "SELECT code, member, created_at, mac FROM recovery_code WHERE member = ? ORDER BY code LIMIT ?",
                member, limit
            ).map { try authenticated($0, .recoveryCode) })
        return (set, state?.values.last)
    }

    /// Whether a member's record and the member's factors say the same.
    /// - Throws: `StoreFault.recordNotAuthentic` where they do not.
    func check(_ set: FactorSet, of user: User) throws {
        guard user.hasSecondFactor == (set.count > 0) else { throw fault(user.id) }
    }

    /// Writes what is noted of a member, over what the member has in this transaction.
    func write(_ state: FactorState, over set: FactorSet, _ transaction: inout StoreTransaction) throws {
        let row = state.columns
        try transaction.execute(
            """
            INSERT INTO member_factor (member, handle, invited_at, grace_began_at, prompt_dismissed_at,
            enrolment_code, enrolment_expires_at, address_changed_at, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (member) DO UPDATE SET handle = excluded.handle, invited_at = excluded.invited_at,
            grace_began_at = excluded.grace_began_at, prompt_dismissed_at = excluded.prompt_dismissed_at,
            enrolment_code = excluded.enrolment_code, enrolment_expires_at = excluded.enrolment_expires_at,
            address_changed_at = excluded.address_changed_at, mac = excluded.mac
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], code(state, set))
    }

    /// Changes what is noted of a member, where it becomes another.
    func note<Result>(
        _ user: UserID, _ transaction: inout StoreTransaction, _ body: (inout FactorState) throws -> Result
    ) throws -> Result {
        let set = try load(user, &transaction)
        let before = set.state ?? FactorState(user: user)
        var state = before
        let result = try body(&state)
        if state != before { try write(state, over: set, &transaction) }
        return result
    }

    /// Deletes apps, passkeys and recovery codes of a member.
    static func removeFactors(of user: UserID, _ transaction: inout StoreTransaction) throws {
        for statement in [
            "DELETE FROM authenticator_app WHERE member = ?", "DELETE FROM passkey WHERE member = ?",
            "DELETE FROM recovery_code WHERE member = ?",
        ] as [StaticString] {
            try transaction.execute(statement, .blob(user.octets))
        }
    }

    /// Deletes everything of a member.
    static func removeAll(of user: UserID, _ transaction: inout StoreTransaction) throws {
        try removeFactors(of: user, &transaction)
        try transaction.execute("DELETE FROM member_factor WHERE member = ?", .blob(user.octets))
    }

    // MARK: Codes of rows

    enum Table: String {
        case app = "authenticator_app"
        case passkey
        case recoveryCode = "recovery_code"
    }

    func authenticated(_ row: SQLRow, _ table: Table) throws -> SQLRow {
        guard row.values.last == code(Array(row.values.dropLast()), table) else { throw try fault(row, table) }
        return row
    }

    func code(_ row: [SQLValue], _ table: Table) -> SQLValue {
        .blob(keys.rows.code(tenant: tenant.text, table: table.rawValue, columns: row))
    }

    func fault(_ row: SQLRow, _ table: Table) throws -> StoreFault {
        .recordNotAuthentic(table: table.rawValue, row: RowName.text(try row.blob(0)))
    }

    /// What is said of a member's factors together does not hold.
    func fault(_ user: UserID) -> StoreFault {
        .recordNotAuthentic(table: "member_factor", row: RowName.text(user.octets))
    }

    /// The code of what is noted of a member: over its columns, and over the ids of all that the member has.
    private func code(_ state: FactorState, _ set: FactorSet) -> SQLValue {
        var columns = state.columns
        for rows in [set.apps, set.passkeys, set.recoveryCodes] {
            columns.append(.integer(Int64(rows.count)))
            columns += rows.compactMap(\.values.first)
        }
        return .blob(keys.rows.code(tenant: tenant.text, table: "member_factor", columns: columns))
    }
}
