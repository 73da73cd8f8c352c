public import Core

/// How factors are used up: two uses at once are one after the other, and only the first of them is good.
extension FactorRepository {
    /// Accepts a code of an authenticator app, once (RFC 6238 §5.2).
    /// - Parameter step: the time step of the code, which the caller has found right.
    /// - Returns: false where that step or a later one was accepted before, or the app is gone.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func use(app id: RowID, of user: UserID, step: Int64, at now: WallTime) async throws -> Bool {
        try await database.transaction { transaction in
            guard try users.find(user, &transaction) != nil else { throw StoreConflict.notFound }
            guard let row = try factors.load(user, &transaction).app(id), try row.integer(4) < step else {
                return false
            }
            try factors.update(app: row, usedAt: now, step: step, &transaction)
            return true
        }
    }

    /// Accepts an assertion of a passkey (WebAuthn Level 3 §7.2 step 25).
    /// - Parameters:
    ///   - former: the counter that the assertion was verified against.
    ///   - signCount: what the authenticator says now.
    /// - Returns: false where another use came between, or the passkey is gone.
    /// - Throws: `StoreConflict.notFound`; `StoreFault`.
    public func use(
        passkey id: RowID, of user: UserID, from former: UInt32, to signCount: UInt32, isBackedUp: Bool,
        at now: WallTime
    ) async throws -> Bool {
        try await database.transaction { transaction in
            guard try users.find(user, &transaction) != nil else { throw StoreConflict.notFound }
            guard let row = try factors.load(user, &transaction).passkey(id), try row.integer(5) == Int64(former)
            else { return false }
            try factors.update(
                passkey: row, usedAt: now, signCount: signCount, isBackedUp: isBackedUp, &transaction)
            return true
        }
    }

    /// Takes one of the member's recovery codes, which is gone then.
    /// - Parameters:
    ///   - code: as it was written; normalised by the caller.
    ///   - letter: what tells the member, from the number of codes that are left; nil tells nothing.
    /// - Returns: how many are left; nil where none fits, and then nothing was written.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func useRecoveryCode(
        _ code: String, of user: UserID, audit entry: AuditEntry, at now: WallTime,
        letter: (@Sendable (_ left: Int) -> Letter?)? = nil
    ) async throws -> Int? {
        let index = SQLValue.blob(factors.index(recoveryCode: code, of: user))
        return try await change(user, audit: entry, letters: letter == nil ? 0 : 1, at: now) { change, transaction in
            guard change.set.recoveryCodes.contains(where: { $0.values.first == index }) else { return nil }
            try transaction.execute("DELETE FROM recovery_code WHERE code = ?", index)
            let left = change.set.recoveryCodes.count - 1
            return (left, letter?(left).map { [$0] } ?? [])
        }
    }
}
