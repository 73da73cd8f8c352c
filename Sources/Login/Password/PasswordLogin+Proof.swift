import Core
import HostCrypto
import Store

/// A user whose password was right.
struct ProvedCandidate: Sendable {
    let member: ProvedMember
    let candidate: LoginCandidate
}

extension PasswordLogin {
    /// What became of the first factor.
    enum Proof: Sendable {
        /// The password fits these users, at least one.
        case proved([ProvedCandidate])
        case ended(PasswordLoginOutcome)
    }

    /// Verifies the password against whoever may be meant.
    /// - Parameters:
    ///   - email: nil for what is no address.
    ///   - password: nil for what can be no password; both cost a hash all the same.
    func prove(
        _ email: NormalizedEmail?, _ password: NormalizedPassword?, tenant: TenantID?, _ visit: LoginVisit
    ) async throws -> Proof {
        // 1. Whom it may concern, and whether it may be tried.
        let trial: LoginTrial
        switch try await admit(email, tenant: tenant, visit) {
        case .throttled(let retryAfter): return .ended(.throttled(retryAfter: retryAfter))
        case .busy(let retryAfter): return .ended(.busy(retryAfter: retryAfter))
        case .admitted(let admitted): trial = admitted
        }
        //    A stranger waits where the account is guessed from many addresses, whatever comes of the try.
        if trial.devices.isEmpty, let stranger = trial.stranger { await throttle.slow(stranger, pause: pacing.pause) }
        // 2. The hashes: one each, and one where there is nobody.
        let fits: [Bool]
        let wanted = trial.tried.map { password == nil ? nil : $0.hash }
        switch await hashes.verify(
            password ?? .none, against: wanted, for: visit.client, isKnownDevice: !trial.devices.isEmpty)
        {
        case .busy(let retryAfter):
            trial.refundAll(throttle)
            return .ended(.busy(retryAfter: retryAfter))
        case .done(let answer): fits = answer
        }
        // 3. The tokens: a success costs nothing and gives nothing back.
        trial.settle(fits, throttle)
        // 4. The audit log: one entry for each account that the password did not fit, one where there is none.
        //    It is written also where the visitor has gone and their task was cancelled.
        if fits.contains(false) || trial.tried.isEmpty { try await Task { try await record(trial, fits, visit) }.value }
        // 5. Who it is.
        let moment = now()
        let proved = zip(trial.tried, fits).filter(\.1).map { candidate, _ in
            ProvedCandidate(
                member: ProvedMember(
                    tenant: candidate.tenant.id, user: candidate.user.id, epoch: candidate.user.epoch, at: moment),
                candidate: candidate)
        }
        guard let first = proved.first, let password else { return .ended(.refused) }
        if proved.count == 1 { try await rehash(password, of: first.candidate) }
        return .proved(proved)
    }

    private func record(_ trial: LoginTrial, _ fits: [Bool], _ visit: LoginVisit) async throws {
        guard trial.tried.isEmpty else {
            for (place, (candidate, fit)) in zip(trial.tried, fits).enumerated() where !fit {
                alerts?.failed(candidate.user.id, of: candidate.tenant.id, from: visit.client)
                if trial.devices[place] == nil, let stranger = trial.stranger, stranger.slowdown.count > 0 {
                    alerts?.slowed(candidate.user.id, of: candidate.tenant.id)
                }
                let entry = LoginRecord.failed(candidate.user.id, reason: "password-wrong", client: visit.client)
                try await candidate.store.audit.append(entry, at: now())
            }
            return
        }
        if let barred = trial.found.barred.first {
            let entry = LoginRecord.failed(barred.user.id, reason: barred.bar ?? "user-barred", client: visit.client)
            try await barred.store.audit.append(entry, at: now())
        } else {
            let log = trial.found.home?.audit ?? store.audit
            try await log.append(LoginRecord.failedUnknown(client: visit.client), at: now())
        }
    }

    /// Hashes the password anew where the cost of its hash is not today's.  It replaces only the hash that was proved;
    /// where the queue has no room it waits for another time.
    private func rehash(_ password: NormalizedPassword, of candidate: LoginCandidate) async throws {
        guard let former = candidate.hash, former.needsRehash(for: hashes.cost) else { return }
        guard case .done(let hash) = await hashes.hash(password, for: nil) else { return }
        do {
            try await candidate.store.users.setPassword(
                hash, of: candidate.user.id, isRehash: true, replacing: former,
                audit: LoginRecord.rehashed(candidate.user.id), at: now())
        } catch is StoreConflict {
            // Somebody else has set another password; the session will notice.
            return
        }
    }
}
