import Core
import Login
import Portal
import Synchronization

/// Carries what connections tell to the log, which is there later than they are.
final class SSOReports: Sendable {
    /// What there is to tell.
    enum Report: Sendable {
        case connection(ConnectionReport)
        case refusal(SSORefusalNote)
    }

    private let listener = Mutex<(@Sendable (Report) -> Void)?>(nil)

    /// Who is told; nil for nobody any more.
    func listen(_ listener: (@Sendable (Report) -> Void)?) { self.listener.withLock { $0 = listener } }

    /// Tells, where somebody listens.
    func note(_ report: Report) { listener.withLock { $0 }?(report) }
}

extension ServerLog {
    /// A line for what has become of a connection, or of a message of its provider.
    func note(_ report: SSOReports.Report) {
        switch report {
        case .refusal(let note):
            info(
                "sso-refused",
                "a message of an identity provider was not accepted: \(note.reason); `gatehouse saml trace --tenant "
                    + "\(note.tenant) --request \(note.requestID)` tells the steps",
                [
                    "tenant": note.tenant.text, "connection": note.connection.text, "endpoint": note.endpoint.rawValue,
                    "request_id": note.requestID, "reason": note.reason,
                ])
        case .connection(let report):
            let fields = ["tenant": report.tenant.text, "connection": report.connection.text]
            guard report.isProblem else { return info(report.name, "\(report)", fields) }
            warning(report.name, "\(report)", fields)
        }
    }
}

extension ConnectionReport {
    /// As log lines are told apart.
    fileprivate var name: String {
        switch event {
        case .metadataFailing: "connection-metadata-failing"
        case .metadataWorking: "connection-metadata-working"
        case .certificatesChanged: "connection-certificates-changed"
        case .expiring: "connection-expiring"
        case .keys: "connection-keys"
        case .storeFailing: "connection-store-failing"
        }
    }
}
