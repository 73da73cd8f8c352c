import Foundation

/// One named check of a probe.
struct HealthCheck: Sendable {
    /// What it found.
    struct Finding: Sendable, Hashable {
        var isHealthy: Bool
        /// For the operator: what was found, and where it fails, what to do.
        var detail: String
    }

    let name: String
    let look: @Sendable () async -> Finding
}

/// A probe's answer: every check by name, and whether all of them passed.
struct HealthReport: Sendable {
    let findings: [(name: String, finding: HealthCheck.Finding)]

    var isHealthy: Bool { findings.allSatisfy { $0.finding.isHealthy } }

    init(_ checks: [HealthCheck]) async {
        var found: [(name: String, finding: HealthCheck.Finding)] = []
        for check in checks { found.append((check.name, await check.look())) }
        findings = found
    }

    /// `{"status":"ok","checks":{"loops":{"status":"ok","detail":"2 of 2 answered"}}}`.
    var json: [UInt8] {
        var checks: [String: [String: String]] = [:]
        for (name, finding) in findings {
            checks[name] = ["status": finding.isHealthy ? "ok" : "failing", "detail": finding.detail]
        }
        let document = HealthDocument(status: isHealthy ? "ok" : "failing", checks: checks)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8]((try? encoder.encode(document)) ?? Data()) + [0x0A]
    }

    private struct HealthDocument: Encodable {
        let status: String
        let checks: [String: [String: String]]
    }
}
