import Access
import HTTPTypes

/// The operations listener: probes and metrics, and nothing else (security rule 7).
struct OperationsHandler: Sendable {
    /// The checks behind each probe.
    struct Probes: Sendable {
        /// The process works; failing means restart it.
        var live: [HealthCheck]
        /// New traffic may come; failing means send it elsewhere.
        var ready: [HealthCheck]
        /// The start is over.
        var startup: [HealthCheck]
        /// Everything worth an operator's look.
        var health: [HealthCheck]
    }

    let probes: Probes
    let metrics: @Sendable () -> String

    /// The paths that answer.
    static let paths = ["/livez", "/readyz", "/startupz", "/healthz", "/metrics"]

    func answer(_ request: PortalRequest) async -> PortalResponse {
        let path = request.head.path?.prefix { $0 != "?" } ?? ""
        guard Self.paths.contains(String(path)) else {
            return text(.notFound, "There is no \(path) here; there are \(Self.paths.joined(separator: ", ")).\n")
        }
        guard request.head.method == .get || request.head.method == .head else {
            var response = text(.methodNotAllowed, "Only GET and HEAD are answered here.\n")
            response.head.headerFields[.allow] = "GET, HEAD"
            return response
        }
        switch path {
        case "/livez": return await report(probes.live)
        case "/readyz": return await report(probes.ready)
        case "/startupz": return await report(probes.startup)
        case "/healthz": return await report(probes.health)
        default:
            var response = text(.ok, metrics())
            response.head.headerFields[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
    }

    private func report(_ checks: [HealthCheck]) async -> PortalResponse {
        let report = await HealthReport(checks)
        let head = HTTPResponse(
            status: report.isHealthy ? .ok : .serviceUnavailable, headerFields: [.contentType: "application/json"])
        return PortalResponse(head: head, body: report.json)
    }

    private func text(_ status: HTTPResponse.Status, _ words: String) -> PortalResponse {
        PortalResponse(
            head: HTTPResponse(status: status, headerFields: [.contentType: "text/plain; charset=utf-8"]),
            body: Array(words.utf8))
    }
}
