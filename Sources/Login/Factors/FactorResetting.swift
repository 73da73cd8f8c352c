public import Core
public import Store

/// Takes a member's factors away: for one who has lost them all, or whose factors somebody else has.
public struct FactorResetting: Sendable {
    private let store: DataStore
    private let mail: @Sendable () -> MailSettings?
    private let now: @Sendable () -> WallTime

    /// - Parameter mail: nil where no mail can be sent.
    public init(
        store: DataStore, mail: @escaping @Sendable () -> MailSettings?, now: @escaping @Sendable () -> WallTime
    ) {
        self.store = store
        self.mail = mail
        self.now = now
    }

    /// Takes everything away that a member could prove besides the password, ends every session and forgets the devices.
    /// Who holds copies of sessions is the caller's to tell.
    /// - Parameter printsCode: makes a code for the next enrolment, good for a day, to be handed over by whoever knows
    ///   the member.
    /// - Throws: `StoreConflict.notFound`, `.erased`; `StoreFault`.
    public func reset(
        _ user: UserID, of tenant: TenantID, printsCode: Bool, by actor: AuditEntry.Actor
    ) async throws -> FactorReset {
        guard let (_, tenantStore) = try await store.openTenant(tenant),
            let member = try await tenantStore.users.find(user)
        else { throw StoreConflict.notFound }
        let moment = now()
        let code = printsCode ? EnrolmentCode.make() : nil
        let expiresAt = code.map { _ in moment.advanced(by: EnrolmentCode.printedLifetime) }
        let notice = MailNotice.factorsReset(at: moment)
        var letters: [Letter] = []
        if let mail = mail() { letters = try await notice.letters(to: member, in: tenantStore, mail, now: moment) }
        let count = try await tenantStore.factors.reset(
            user, code: code.flatMap { text in expiresAt.map { (text, $0) } },
            audit: FactorRecord.reset(user, by: actor, isPrinted: printsCode), letters: letters, at: moment)
        return FactorReset(
            factors: count, code: code.map(EnrolmentCode.grouped), expiresAt: expiresAt, isMailed: !letters.isEmpty)
    }
}

extension SecondFactors {
    /// As `FactorResetting.reset`, counted.
    public func reset(
        _ user: UserID, of tenant: TenantID, printsCode: Bool, by actor: AuditEntry.Actor
    ) async throws -> FactorReset {
        let reset = try await resetting.reset(user, of: tenant, printsCode: printsCode, by: actor)
        count { $0.resets += 1 }
        return reset
    }
}
