import FoundationEssentials
import Outbound

/// Probes and metrics answer on the operations listener alone (security rule 7): they tell what a stranger should not
/// know.
enum OperationsCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "operations-not-public"
        var ours: [String] = []
        var foreign: [String] = []
        var looked: [String] = []
        for visit in seen.operations {
            guard case .success(let answer) = visit.outcome else { continue }
            looked.append("\(visit.path) \(answer.status)")
            let text = String(decoding: answer.body, as: UTF8.self)
            if isHealthReport(answer.body) || text.contains("\ngatehouse_") || text.hasPrefix("gatehouse_") {
                ours.append(visit.path)
            } else if answer.status == 200, text.contains("# TYPE ") {
                foreign.append(visit.path)
            }
        }
        guard !looked.isEmpty else { return [DoctorFinding(name, .info, "not checkable: nothing answered")] }
        guard ours.isEmpty else {
            return [
                DoctorFinding(
                    name, .fail, "answered in public: \(ours.joined(separator: ", "))",
                    mend: "let no balancer or tunnel lead from the public address to operations.address")
            ]
        }
        guard foreign.isEmpty else {
            return [
                DoctorFinding(
                    name, .warn, "metrics of an application are public: \(foreign.joined(separator: ", "))",
                    mend: "put a route before them that nobody passes, or serve them elsewhere")
            ]
        }
        return [DoctorFinding(name, .pass, "not Gatehouse's: \(looked.joined(separator: ", "))")]
    }

    /// What `HealthReport` writes.
    private static func isHealthReport(_ body: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(Health.self, from: Data(body))) != nil
    }

    private struct Health: Decodable {
        struct Check: Decodable {
            let status: String
            let detail: String
        }
        let status: String
        let checks: [String: Check]
    }
}
