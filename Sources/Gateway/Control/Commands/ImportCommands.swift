import Core
import FoundationEssentials
import Portal

/// `gatehouse user import`.
extension OperatorClient {
    /// What the command is told.
    public struct UserImport: Sendable {
        let tenant: String
        let file: String
        let isTrial: Bool
        let asJSON: Bool

        /// - Parameter isTrial: says what would come of it, and changes nothing.
        public init(tenant: String, file: String, isTrial: Bool, asJSON: Bool) {
            self.tenant = tenant
            self.file = file
            self.isTrial = isTrial
            self.asJSON = asJSON
        }
    }

    /// How far an import has come.
    public struct ImportProgress: Sendable {
        public let lines: Int
        /// 0…100, by bytes.
        public let percent: Int
    }

    /// What came of an import, as `--json` prints it.
    struct ImportReport: Encodable {
        /// Refused lines that are told, at most; their number is told in any case.
        static let mostFaults = 10_000

        struct Fault: Encodable {
            let line: Int
            let field: String?
            let detail: String
        }

        var created = 0
        var unchanged = 0
        var refused = 0
        var faults: [Fault] = []

        /// One line for a refused line, as people read it.
        static func words(_ fault: Fault, file: String) -> String {
            let field = fault.field.map { " \($0):" } ?? ""
            return "\(ShownText.clean(file)):\(fault.line):\(field) \(ShownText.clean(fault.detail))\n"
        }
    }

    private static let longestImportPart: Int64 = 120_000

    /// Sends a file's users, part after part.  A line is taken or refused for itself, and parts that were answered are
    /// durable: an import that was broken off is done again with the same file.
    /// - Parameters:
    ///   - tell: called with a line of text for each line that was refused, unless JSON is asked for.
    ///   - note: called after each part.
    public func importUsers(
        _ order: UserImport, tell: (String) -> Void, note: (ImportProgress) -> Void
    ) throws(OperatorFault) -> CommandOutput {
        let shown = ShownText.clean(order.file)
        var file: ImportFile
        do {
            file = try ImportFile(order.file)
        } catch {
            let (problem, remedy) = error.words(for: "file")
            throw OperatorFault(.badData, "\(shown): \(problem)" + (remedy.map { "; \($0)" } ?? ""))
        }
        var report = ImportReport()
        while let part = try file.next(file: shown) {
            let faults: [ImportReport.Fault]
            do throws(OperatorFault) {
                faults = try send(part, order, &report)
            } catch {
                let done = report.created + report.unchanged
                guard done > 0 else { throw error }
                throw OperatorFault(
                    error.kind,
                    "\(error)\nbroken off at line \(part.lines.first?.number ?? 1): \(report.created) created, "
                        + "\(report.unchanged) unchanged before; run it again with the same file")
            }
            for fault in faults {
                if !order.asJSON { tell(ImportReport.words(fault, file: order.file)) }
                if report.faults.count < ImportReport.mostFaults { report.faults.append(fault) }
            }
            let (read, whole) = file.progress
            note(ImportProgress(lines: file.linesRead, percent: whole == 0 ? 100 : min(100, read * 100 / whole)))
        }
        let verdict: OperatorFault.Kind? = report.refused > 0 ? .badData : nil
        if order.asJSON { return CommandOutput(CommandOutput.json(report), verdict: verdict) }
        let created = order.isTrial ? "would be created" : "created"
        let mend = report.refused > 0 ? "; mend the refused lines and run it again with the same file" : ""
        return CommandOutput(
            "\(report.created) \(created), \(report.unchanged) unchanged, \(report.refused) refused\(mend)\n",
            verdict: verdict)
    }

    /// One part; the faults of its lines, in their order.
    private func send(
        _ part: ImportFile.Part, _ order: UserImport, _ report: inout ImportReport
    ) throws(OperatorFault) -> [ImportReport.Fault] {
        var faults = part.refused.map { ImportReport.Fault(line: $0.number, field: $0.field, detail: $0.words) }
        if !part.lines.isEmpty {
            var body = RequestBody()
            body.add("lines", part.lines.map(\.text))
            var bytes = body.end()
            defer { Wiping.wipe(&bytes) }
            let answer = try ask(
                OperatorRequest(
                    method: .post, path: try Self.path(ofTenant: order.tenant) + "/user-import",
                    query: order.isTrial ? [("dry_run", "true")] : [], body: bytes,
                    timeoutMilliseconds: Self.longestImportPart), for: ImportResource.self)
            guard answer.lines.count == part.lines.count else {
                throw OperatorFault(
                    .internalFault, "the server answered \(answer.lines.count) of \(part.lines.count) lines")
            }
            for (line, outcome) in zip(part.lines, answer.lines) {
                switch outcome.status {
                case "created": report.created += 1
                case "unchanged": report.unchanged += 1
                default:
                    let suggestion = outcome.suggestion.map { "; did you mean \(ShownText.quoted($0))?" } ?? ""
                    faults.append(
                        ImportReport.Fault(
                            line: line.number, field: outcome.field,
                            detail: (outcome.detail ?? "refused") + suggestion))
                }
            }
        }
        report.refused += faults.count
        return faults.sorted { $0.line < $1.line }
    }
}
