import Core
import Login

extension MetricsPage {
    /// What the page tells of single sign-on.
    struct SSOFigures {
        var signOn: SingleSignOn.Metrics
        var connections: SSOConnections.Metrics
        /// As they were at the last turn of the job.
        var statuses: [ConnectionStatus]
    }

    /// Sign-ins by identity providers, what they were refused for, and how each connection fares.
    mutating func singleSignOn(_ figures: SSOFigures) {
        let signOn = figures.signOn
        family("gatehouse_sso_total", "counter", "Sign-ins and sign-outs by identity providers, by what came of them.")
        for (outcome, count) in [
            ("begun", signOn.begun), ("signed-in", signOn.signedIn), ("confirmed", signOn.confirmed),
            ("linked", signOn.linked), ("provisioned", signOn.provisioned), ("started-again", signOn.startedAgain),
            ("restarted", signOn.restarted), ("logout-sent", signOn.logoutsSent),
            ("logout-received", signOn.logoutsReceived),
        ] { lines.append("gatehouse_sso_total{outcome=\"\(outcome)\"} \(count)") }
        family("gatehouse_sso_refusals_total", "counter", "Messages of identity providers that led nowhere, by reason.")
        for (reason, count) in signOn.refused.sorted(by: { $0.key < $1.key }) {
            lines.append("gatehouse_sso_refusals_total{reason=\"\(Self.label(reason))\"} \(count)")
        }
        let fetches = figures.connections
        family("gatehouse_connection_fetches_total", "counter", "Fetches of providers' metadata, by how they ended.")
        lines.append("gatehouse_connection_fetches_total{outcome=\"fetched\"} \(fetches.fetched)")
        lines.append("gatehouse_connection_fetches_total{outcome=\"failed\"} \(fetches.failed)")
        single("gatehouse_connection_fetches", "gauge", "Fetches under way.", fetches.underWay)
        single("gatehouse_connection_fetches_limit", "gauge", "Fetches at once.", SSOConnections.mostFetches)
        single(
            "gatehouse_connection_certificate_changes_total", "counter",
            "Times that a provider's signing certificates became others.", fetches.certificatesChanged)
        single(
            "gatehouse_connection_warnings_total", "counter", "Warnings of ends, and of fetches that fail.",
            fetches.warnings)
        connections(figures.statuses)
    }

    private mutating func connections(_ statuses: [ConnectionStatus]) {
        func labels(_ status: ConnectionStatus) -> String {
            "tenant=\"\(status.tenant)\",connection=\"\(status.name)\""
        }
        family("gatehouse_connection_up", "gauge", "1 where members can sign in by the connection, else 0.")
        for status in statuses {
            lines.append("gatehouse_connection_up{\(labels(status))} \(status.entityID == nil ? 0 : 1)")
        }
        family(
            "gatehouse_connection_fetch_failures", "gauge",
            "Fetches of metadata that have failed since the last good one.")
        for status in statuses where status.isFetched {
            lines.append("gatehouse_connection_fetch_failures{\(labels(status))} \(status.failures)")
        }
        family(
            "gatehouse_connection_metadata_expiry_seconds", "gauge",
            "When a provider's metadata ends, in seconds since 1970.")
        for status in statuses {
            guard let end = status.validUntil else { continue }
            lines.append(
                "gatehouse_connection_metadata_expiry_seconds{\(labels(status))} \(end.milliseconds / 1000)")
        }
        family(
            "gatehouse_connection_certificate_expiry_seconds", "gauge",
            "When each certificate of a connection ends, in seconds since 1970.")
        for status in statuses {
            for certificate in status.certificates {
                let which = "use=\"\(certificate.use.rawValue)\",fingerprint=\"\(Self.label(certificate.fingerprint))\""
                lines.append(
                    "gatehouse_connection_certificate_expiry_seconds{\(labels(status)),\(which)} "
                        + "\(certificate.notAfter.milliseconds / 1000)")
            }
        }
    }
}
