import Core
import Store

/// What the data plane refused, counted per minute and reason into the audit log: single refusals stand in the access
/// log, but a wave of them belongs to what an auditor reads.
struct RefusalAudit {
    /// The reasons that tell of somebody who tries what they may not.
    static let reasons: [ReasonCode] = [
        .sessionWrongTenant, .sessionUnknown, .cookieRepeated, .roleMissing, .mfaRequired, .networkRefused,
        .tenantSuspended, .crossOrigin, .serviceWorkerRefused, .upgradeRefused, .loginThrottled, .formRefused,
        .handoffRefused,
        .framingAmbiguous, .hostMismatch, .trailerRefused, .tooManyConnectionsFromAddress,
    ]

    private var told: [ReasonCode: UInt64] = [:]

    /// The entry for what has come since the last call; nil where nothing has.
    /// - Parameter count: how often a reason was given since the start.
    mutating func entry(_ count: (ReasonCode) -> UInt64) -> AuditEntry? {
        var details: [AuditEntry.Detail] = []
        for reason in Self.reasons {
            let now = count(reason)
            let since = now - min(now, told[reason] ?? 0)
            told[reason] = now
            if since > 0 { details.append(.init(reason.code, String(since))) }
        }
        guard !details.isEmpty else { return nil }
        return AuditEntry(action: "requests.refused", actor: .system, publicDetails: details)
    }
}
