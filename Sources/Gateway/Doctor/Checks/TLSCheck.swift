import Outbound

/// TLS 1.2 and 1.3 are spoken, and nothing older (RFC 8996).
enum TLSCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        TLSVersion.allCases.map { version in
            finding(version, seen.handshakes[version] ?? .unclear("it was not tried"))
        }
    }

    private static func finding(_ version: TLSVersion, _ handshake: DoctorObservations.Handshake) -> DoctorFinding {
        let name = "tls-1.\(version.rawValue)"
        return switch (handshake, version) {
        case (.accepted, .tls10), (.accepted, .tls11):
            DoctorFinding(
                name, .fail, "\(version) is accepted",
                mend: "switch it off in whatever ends TLS before Gatehouse, which never speaks it itself")
        case (.accepted, _): DoctorFinding(name, .pass, "accepted")
        case (.refused, .tls10), (.refused, .tls11): DoctorFinding(name, .pass, "refused")
        case (.refused(let words), .tls12):
            DoctorFinding(
                name, .warn, "refused: \(words)",
                mend: "well where only current clients come; else say minimum_version: \"1.2\"")
        case (.refused(let words), .tls13):
            DoctorFinding(
                name, .fail, "refused: \(words)",
                mend: "let whatever ends TLS before Gatehouse, which always speaks it itself, speak it too")
        case (.unclear(let words), _):
            DoctorFinding(name, .info, "not checkable: \(words)", mend: "try from a machine that offers \(version)")
        }
    }
}
