import FoundationEssentials
import Outbound

/// Identity headers that a client makes up do not reach the application.
///
/// Seen only where an application tells headers back to everybody, as `gatehouse upstream-echo` does behind a public or
/// optional route; elsewhere nothing is known, which is no pass.
enum IdentityHeaderCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "identity-headers"
        var told: [String] = []
        for visit in seen.spoofed {
            guard case .success(let answer) = visit.outcome else { continue }
            let echoed = try? JSONDecoder().decode(Echo.self, from: Data(answer.body))
            let arrived = echoed?.headers.filter { $0.value.contains { $0.contains(seen.marker) } }.keys.sorted() ?? []
            guard arrived.isEmpty, !String(decoding: answer.body, as: UTF8.self).contains(seen.marker) else {
                let names = arrived.isEmpty ? "a header" : ShownText.list(arrived)
                return [
                    DoctorFinding(
                        name, .fail, "made up by the client and told back by \(visit.path): \(names)",
                        mend: "let no way lead to the application but through Gatehouse, and set shared_secret_file")
                ]
            }
            if echoed != nil { told.append(visit.path) }
        }
        guard !told.isEmpty else {
            return [
                DoctorFinding(
                    name, .info,
                    "not checkable: \(seen.spoofed.map(\.path).joined(separator: ", ")) tells no headers back",
                    mend: """
                        put `gatehouse upstream-echo` behind a public route for a moment, and name the configuration with \
                        --config
                        """)
            ]
        }
        return [
            DoctorFinding(name, .pass, "none of those that a client made up arrived at \(told.joined(separator: ", "))")
        ]
    }

    /// What `gatehouse upstream-echo` answers.
    private struct Echo: Decodable {
        let headers: [String: [String]]
    }
}
