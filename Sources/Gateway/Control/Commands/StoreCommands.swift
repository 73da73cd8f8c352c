import Core
import Portal

/// `gatehouse store verify`.
extension OperatorClient {
    /// How long the examination of a store may take.
    static let longestVerification: Int64 = 60 * 60 * 1000

    /// Reads everything that is stored and says what is not as it should be.
    public func verifyStore(asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let report = try ask(
            OperatorRequest(
                method: .get, path: "/store/verification", timeoutMilliseconds: Self.longestVerification),
            for: VerificationResource.self)
        let verdict = report.isClean ? nil : OperatorFault.Kind.badData
        if asJSON { return CommandOutput(CommandOutput.json(report), verdict: verdict) }
        let read = [
            ShownText.count(report.tenants, "tenant"), ShownText.count(report.users, "user"),
            ShownText.count(report.sessions, "session"),
            report.auditEntries == 1 ? "1 audit entry" : "\(report.auditEntries) audit entries",
        ].joined(separator: ", ")
        guard !report.isClean else { return CommandOutput("clean: \(read)\n") }
        let lines = report.findings.map { "\(ShownText.clean($0.place)): \(ShownText.clean($0.words))\n" }
        return CommandOutput(
            lines.joined() + "\(ShownText.count(report.findings.count, "finding")): \(read)\n",
            note: "what was found was not written by this gateway: restore a backup of the files named\n",
            verdict: verdict)
    }
}
