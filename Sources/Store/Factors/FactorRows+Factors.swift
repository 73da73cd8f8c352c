import Core
import HostCrypto

/// The rows of apps, passkeys and recovery codes, one by one.
extension FactorRows {
    // MARK: Authenticator apps

    func insert(
        _ app: NewAuthenticatorApp, as id: RowID, of user: UserID, key: SealingKey, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        let bound = [SQLValue.blob(user.octets), .integer(now.milliseconds)]
        let row =
            [.blob(id.octets)] + bound
            + [
                .null, .integer(app.firstStep), .blob(sealed(app.name, .app, id.octets, bound, key)),
                .blob(app.secret.withSecret { sealed($0, id.octets, bound, key) }),
            ]
        try transaction.execute(
            """
            INSERT INTO authenticator_app (id, member, created_at, used_at, last_step, sealed, secret, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], code(row, .app))
    }

    /// Writes an app's row again, with a later use or under another name.
    func update(
        app row: SQLRow, usedAt: WallTime? = nil, step: Int64? = nil, name: String? = nil, key: SealingKey? = nil,
        _ transaction: inout StoreTransaction
    ) throws {
        var values = Array(row.values.dropLast())
        if let usedAt { values[3] = .integer(usedAt.milliseconds) }
        if let step { values[4] = .integer(step) }
        if let name, let key { values[5] = .blob(sealed(name, .app, try row.blob(0), Array(values[1...2]), key)) }
        try transaction.execute(
            "UPDATE authenticator_app SET used_at = ?, last_step = ?, sealed = ?, mac = ? WHERE id = ?", values[3],
            values[4], values[5], code(values, .app), values[0])
    }

    /// Opens an authenticated row.
    func app(_ row: SQLRow, key: SealingKey) throws -> AuthenticatorApp {
        guard let id = RowID(octets: try row.blob(0)) else { throw try fault(row, .app) }
        let bound = Array(row.values[1...2])
        var name = FieldDecoder(try key.open(row.blob(5), for: binding(Table.app.rawValue, id.octets, bound)))
        var secret = try key.open(row.blob(6), for: binding("authenticator_app.secret", id.octets, bound))
        guard let name = try? name.text() else { throw try fault(row, .app) }
        return AuthenticatorApp(
            id: id, name: name, createdAt: WallTime(milliseconds: try row.integer(2)),
            usedAt: try FactorState.time(row, 3), secret: FactorSecret(SecretBytes(wiping: &secret)),
            lastStep: try row.integer(4))
    }

    // MARK: Passkeys

    /// - Throws: `FactorConflict.credentialTaken`.
    func insert(
        _ passkey: NewPasskey, as id: RowID, of user: UserID, key: SealingKey, at now: WallTime,
        _ transaction: inout StoreTransaction
    ) throws {
        let bound: [SQLValue] = [
            .blob(user.octets), .blob(index(credential: passkey.credentialID)), .integer(now.milliseconds),
        ]
        let sealed = key.seal(passkey.sealedPart, for: binding(Table.passkey.rawValue, id.octets, bound))
        let row =
            [.blob(id.octets)] + bound
            + [.null, .integer(Int64(passkey.signCount)), .integer(passkey.isBackedUp ? 1 : 0), .blob(sealed)]
        let inserted = try transaction.execute(
            """
            INSERT INTO passkey (id, member, credential, created_at, used_at, sign_count, backed_up, sealed, mac)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential) DO NOTHING
            """, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], code(row, .passkey))
        guard inserted == 1 else { throw FactorConflict.credentialTaken }
    }

    /// Writes a passkey's row again, after a use.
    func update(
        passkey row: SQLRow, usedAt: WallTime, signCount: UInt32, isBackedUp: Bool,
        _ transaction: inout StoreTransaction
    ) throws {
        var values = Array(row.values.dropLast())
        values[4] = .integer(usedAt.milliseconds)
        values[5] = .integer(Int64(signCount))
        values[6] = .integer(isBackedUp ? 1 : 0)
        try transaction.execute(
            "UPDATE passkey SET used_at = ?, sign_count = ?, backed_up = ?, mac = ? WHERE id = ?", values[4],
            values[5], values[6], code(values, .passkey), values[0])
    }

    /// Writes a passkey's row again, under another name.
    func update(
        passkey row: SQLRow, name: String, key: SealingKey, _ transaction: inout StoreTransaction
    ) throws {
        var values = Array(row.values.dropLast())
        var passkey = try self.passkey(row, key: key).written
        passkey.name = name
        let place = binding(Table.passkey.rawValue, try row.blob(0), Array(values[1...3]))
        values[7] = .blob(key.seal(passkey.sealedPart, for: place))
        try transaction.execute(
            "UPDATE passkey SET sealed = ?, mac = ? WHERE id = ?", values[7], code(values, .passkey), values[0])
    }

    /// Whose the credential is; nil where it is nobody's.
    func owner(ofCredential id: [UInt8], _ transaction: inout StoreTransaction) throws -> (UserID, RowID)? {
        let row = try transaction.first(
            """
            SELECT id, member, credential, created_at, used_at, sign_count, backed_up, sealed, mac FROM passkey
            WHERE credential = ?
            """, .blob(index(credential: id)))
        guard let row = try row.map({ try authenticated($0, .passkey) }) else { return nil }
        guard let id = RowID(octets: try row.blob(0)), let user = UserID(octets: try row.blob(1)) else {
            throw try fault(row, .passkey)
        }
        return (user, id)
    }

    /// Opens an authenticated row.
    func passkey(_ row: SQLRow, key: SealingKey) throws -> StoredPasskey {
        guard let id = RowID(octets: try row.blob(0)), let user = UserID(octets: try row.blob(1)),
            let signCount = UInt32(exactly: try row.integer(5))
        else { throw try fault(row, .passkey) }
        let plain = try key.open(row.blob(7), for: binding(Table.passkey.rawValue, id.octets, Array(row.values[1...3])))
        guard let written = try? NewPasskey(sealedPart: plain) else { throw try fault(row, .passkey) }
        return StoredPasskey(
            id: id, user: user, name: written.name, credentialID: written.credentialID, publicKey: written.publicKey,
            rpID: written.rpID, signCount: signCount, aaguid: written.aaguid, transports: written.transports,
            isBackupEligible: written.isBackupEligible, isBackedUp: try row.integer(6) != 0,
            createdAt: WallTime(milliseconds: try row.integer(3)), usedAt: try FactorState.time(row, 4))
    }

    /// Under which the credential is found: it tells nobody without the tenant's key which one it is.
    private func index(credential id: [UInt8]) -> [UInt8] { keys.index.index("passkey", id) }

    // MARK: Codes that people type

    /// Writes recovery codes in the place of all that the member had.
    func replaceRecoveryCodes(
        _ codes: [String], of user: UserID, at now: WallTime, _ transaction: inout StoreTransaction
    ) throws {
        try transaction.execute("DELETE FROM recovery_code WHERE member = ?", .blob(user.octets))
        for text in codes {
            let row: [SQLValue] = [
                .blob(index(recoveryCode: text, of: user)), .blob(user.octets), .integer(now.milliseconds),
            ]
            try transaction.execute(
                "INSERT INTO recovery_code (code, member, created_at, mac) VALUES (?, ?, ?, ?)", row[0], row[1],
                row[2], code(row, .recoveryCode))
        }
    }

    /// A recovery code as it is kept; another member's same code is kept as another.
    func index(recoveryCode code: String, of user: UserID) -> [UInt8] {
        keys.index.index("recovery-code \(user)", code)
    }

    /// An enrolment code as it is kept.
    func index(enrolmentCode code: String, of user: UserID) -> [UInt8] {
        keys.index.index("enrolment-code \(user)", code)
    }

    // MARK: The name that authenticators know

    func sealed(handle: [UInt8], of user: UserID, key: SealingKey) -> [UInt8] {
        key.seal(handle, for: binding("member_factor", user.octets, []))
    }

    /// The member's user handle; nil where none was made yet.
    func handle(_ state: FactorState?, key: SealingKey) throws -> [UInt8]? {
        guard let state, let handle = state.handle else { return nil }
        return try key.open(handle, for: binding("member_factor", state.user.octets, []))
    }

    // MARK: Seals

    private func sealed(
        _ name: String, _ table: Table, _ id: [UInt8], _ bound: [SQLValue], _ key: SealingKey
    ) -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(name)
        return key.seal(encoder.bytes, for: binding(table.rawValue, id, bound))
    }

    private func sealed(
        _ secret: borrowing SecretBytes, _ id: [UInt8], _ bound: [SQLValue], _ key: SealingKey
    ) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(secret.count)
        defer { Wiping.wipe(&plain) }
        secret.withBytes { bytes in
            let octets = Span<UInt8>(_bytes: bytes)
            for index in octets.indices { plain.append(octets[index]) }
        }
        return key.seal(plain, for: binding("authenticator_app.secret", id, bound))
    }

    private func binding(_ table: String, _ row: [UInt8], _ bound: [SQLValue]) -> RecordBinding {
        RecordBinding(tenant: tenant.text, table: table, row: row, columns: bound)
    }
}

extension NewPasskey {
    /// What is sealed: all that never changes, and the name.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(name)
        encoder.append(credentialID)
        encoder.append(publicKey)
        encoder.append(rpID)
        encoder.append(aaguid)
        encoder.append(isBackupEligible ? 1 : 0)
        for transport in transports { encoder.append(transport) }
        return encoder.bytes
    }

    /// The counter and whether there is a backup stand elsewhere.
    init(sealedPart bytes: [UInt8]) throws(FieldDecoder.Malformed) {
        var decoder = FieldDecoder(bytes)
        self.init(
            name: try decoder.text(), credentialID: try decoder.octets(), publicKey: try decoder.octets(),
            rpID: try decoder.text(), signCount: 0, aaguid: try decoder.octets(), transports: [],
            isBackupEligible: try decoder.number() != 0, isBackedUp: false)
        while !decoder.isAtEnd { transports.append(try decoder.text()) }
    }
}

extension StoredPasskey {
    /// As it was when it was written.
    var written: NewPasskey {
        NewPasskey(
            name: name, credentialID: credentialID, publicKey: publicKey, rpID: rpID, signCount: signCount,
            aaguid: aaguid, transports: transports, isBackupEligible: isBackupEligible, isBackedUp: isBackedUp)
    }
}
