/// All findings, and what they say together.
struct DoctorReport: Sendable, Hashable {
    let url: String
    let findings: [DoctorFinding]

    /// Every check, in the order in which a connection meets what it looks at.
    init(_ seen: DoctorObservations) {
        url = "\(seen.target)"
        let checks: [(DoctorObservations) -> [DoctorFinding]] = [
            TLSCheck.findings, CertificateCheckup.findings, LoginPageCheck.findings, OwnAnswersCheck.findings,
            RefusalCheck.findings, OperationsCheck.findings, IdentityHeaderCheck.findings, ThrottleCheck.findings,
            SecondFactorCheck.findings, ConnectionCheckup.findings, MailCheck.findings, ClockCheck.findings,
        ]
        findings = checks.flatMap { $0(seen) }
    }

    /// How many findings have this verdict.
    func count(_ verdict: DoctorFinding.Verdict) -> Int { findings.count { $0.verdict == verdict } }

    /// For people or scripts; bad data where a check failed.
    func output(asJSON: Bool) -> CommandOutput {
        let verdict = count(.fail) > 0 ? OperatorFault.Kind.badData : nil
        return CommandOutput(asJSON ? CommandOutput.json(document) : text, verdict: verdict)
    }

    /// A line for each check, how to mend it below, and a sum.
    private var text: String {
        let width = findings.map(\.name.count).max() ?? 0
        let lines = findings.map { finding in
            let blanks = String(repeating: " ", count: width - finding.name.count)
            let line = "\(finding.verdict.rawValue)  \(finding.name)\(blanks)  \(Self.shown(finding.seen))\n"
            guard !finding.mend.isEmpty else { return line }
            return line + String(repeating: " ", count: width + 8) + "→ \(Self.shown(finding.mend))\n"
        }
        let counts = DoctorFinding.Verdict.allCases.map { "\(count($0)) \($0.rawValue)" }.joined(separator: ", ")
        return lines.joined() + "\(url): \(counts)\n"
    }

    /// A foreign server's words steer no terminal.
    private static func shown(_ text: String) -> String { ShownText.clean(text) }

    private var document: Document {
        Document(
            url: url, checks: findings, pass: count(.pass), warn: count(.warn), fail: count(.fail), info: count(.info))
    }

    private struct Document: Encodable {
        let url: String
        let checks: [DoctorFinding]
        let pass: Int
        let warn: Int
        let fail: Int
        let info: Int
    }
}
