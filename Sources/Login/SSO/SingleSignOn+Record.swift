import Core
import Store

/// What an answer of a provider leaves behind: counts, and entries in the audit log.
extension SingleSignOn {
    func note(_ outcome: SSOOutcome) {
        count { counts in
            switch outcome {
            case .proceeds: counts.signedIn += 1
            case .confirmed: counts.confirmed += 1
            case .restart: counts.restarted += 1
            case .startAgain: counts.startedAgain += 1
            case .refused(let reason), .unavailable(let reason): counts.refused[reason, default: 0] += 1
            case .link, .unknown: break
            }
        }
    }

    /// A refusal of what a provider said is in the audit log, once for each assertion however often it comes; what
    /// anybody can make up is in the traces alone.
    func audit(_ outcome: SSOOutcome, _ run: SSORun, _ answer: SSOAnswer) async {
        guard run.isVerified, case .refused(let reason) = outcome else { return }
        let entry = SSORecord.refused(run.user, at: answer.connection, reason: reason, client: answer.visit.client)
        let moment = now()
        do {
            guard let (_, store) = try await login.store.openTenant(answer.tenant) else { return }
            try await Task {
                if let replayed = run.replayed {
                    let ids = ["replay of \(replayed.id)"]
                    guard try await store.connections.use(ids, until: replayed.until, at: moment) else { return }
                }
                try await store.audit.append(entry, at: moment)
            }.value
        } catch {
            report(error)
        }
    }
}
