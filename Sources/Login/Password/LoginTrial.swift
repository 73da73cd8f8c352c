import Core
import Store

/// A login that the throttle let through, with the tokens that it holds until it is known how it went.
///
/// A device is known to one account, so it is judged for each user that the address may mean: what one tenant's account
/// knows gives no allowance against another's of the same address.
struct LoginTrial: Sendable {
    let found: LoginCandidates
    /// Those whose password is verified.
    var tried: [LoginCandidate] = []
    /// By the place in `tried`: those who know the device.
    var devices: [Int: ThrottleReservation] = [:]
    /// What the others are charged to: the address, and the account there.
    var stranger: ThrottleReservation?

    /// Puts all tokens back: nothing was verified.
    func refundAll(_ throttle: LoginThrottle) {
        if let stranger { throttle.refund(stranger) }
        for reservation in devices.values { throttle.refund(reservation) }
    }

    /// Puts the tokens of successes back.  Strangers' are put back only where every password that they paid for was
    /// right: one's own account in another tenant would give free guesses otherwise.
    /// - Parameter fits: by the place in `tried`.
    func settle(_ fits: [Bool], _ throttle: LoginThrottle) {
        for (place, reservation) in devices where fits[place] { throttle.refund(reservation) }
        let strangers = tried.indices.filter { devices[$0] == nil }
        if let stranger, !strangers.isEmpty, strangers.allSatisfy({ fits[$0] }) { throttle.refund(stranger) }
    }
}

extension PasswordLogin {
    /// Whether a login may be tried.
    enum Admission: Sendable {
        case admitted(LoginTrial)
        case throttled(retryAfter: Milliseconds)
        /// No place would be free for its hash.
        case busy(retryAfter: Milliseconds)
    }

    /// Finds who may be meant and takes the throttle's tokens.  Where it throws it has taken none.
    func admit(_ email: NormalizedEmail?, tenant: TenantID?, _ visit: LoginVisit) async throws -> Admission {
        let attempt = ThrottleAttempt(address: visit.client, tenant: tenant, email: email)
        guard let device = visit.device else {
            // 1. A visitor who brings no device's token, or one that was not made here, is judged before the store is
            //    asked.
            switch throttle.reserve(attempt) {
            case .refused(let retryAfter):
                noteRefusal(of: visit.client)
                return .throttled(retryAfter: retryAfter)
            case .reserved(let reservation):
                if let retryAfter = hashes.refusal(ofStrangerFrom: visit.client) {
                    throttle.refund(reservation)
                    return .busy(retryAfter: retryAfter)
                }
                do {
                    let found = try await LoginCandidates.find(
                        email, tenant: tenant, in: store, plans: settings().plans)
                    return .admitted(LoginTrial(found: found, tried: found.able, stranger: reservation))
                } catch {
                    throttle.refund(reservation)
                    throw error
                }
            }
        }
        // 2. One who brings it is judged by the device's own bucket where the account knows it.
        let found = try await LoginCandidates.find(
            email, tenant: tenant, in: store, plans: settings().plans)
        var (known, strangers): ([LoginCandidate], [LoginCandidate]) = ([], [])
        for candidate in found.able {
            let isKnown = try await candidate.store.devices.isKnown(device, to: candidate.user.id, at: now())
            if isKnown { known.append(candidate) } else { strangers.append(candidate) }
        }
        var trial = LoginTrial(found: found)
        var longestWait = Milliseconds(0)
        for candidate in known {
            let subject = ThrottleDevice(
                tenant: candidate.tenant.id, user: candidate.user.id, digest: device, address: visit.client)
            switch throttle.reserve(subject) {
            case .refused(let retryAfter): longestWait = max(longestWait, retryAfter)
            case .reserved(let reservation):
                trial.devices[trial.tried.count] = reservation
                trial.tried.append(candidate)
            }
        }
        if known.isEmpty || !strangers.isEmpty {
            switch throttle.reserve(attempt) {
            case .refused(let retryAfter):
                noteRefusal(of: visit.client)
                longestWait = max(longestWait, retryAfter)
            case .reserved(let reservation):
                trial.stranger = reservation
                trial.tried += strangers
            }
        }
        guard !trial.devices.isEmpty || trial.stranger != nil else { return .throttled(retryAfter: longestWait) }
        return .admitted(trial)
    }

    /// A try was refused; where all failures of the address are the reason, administrators may hear of it.
    private func noteRefusal(of address: ClientAddress) {
        if let alerts, throttle.isDrained(address) { alerts.drained(address) }
    }
}
