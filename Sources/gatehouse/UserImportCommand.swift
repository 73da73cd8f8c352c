import ArgumentParser
import Gateway
import Glibc

extension UserCommand {
    /// `gatehouse user import`: users who move in from another system.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Take over users and their password hashes from another system.",
            discussion: """
                FILE has one JSON object a line: email and name, and where there are such id (a UUID), external_id, \
                roles, and password_hash in the form of bcrypt, Argon2id, PBKDF2, scrypt, Django or ASP.NET Identity. \
                Each line is taken or refused for itself; users who are there already are left as they are, so that \
                the same file can be run again. Exits with 65 where lines were refused.
                """)

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var tenant: TenantOption
        @Argument(help: ArgumentHelp("The file, UTF-8, one user a line.", valueName: "file.jsonl")) var file: String
        @Flag(help: "Say what would come of it, and change nothing.") var dryRun = false
        @OptionGroup var output: JSONOption

        func run() throws {
            let order = OperatorClient.UserImport(
                tenant: tenant.tenant, file: file, isTrial: dryRun, asJSON: output.json)
            let line = ProgressLine()
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                defer { line.clear() }
                return try client.importUsers(
                    order,
                    tell: { words in
                        line.clear()
                        StandardError.write(words)
                    }, note: { line.show("\($0.lines) lines, \($0.percent) %") })
            }
        }
    }
}

/// A line that is written over itself, on a terminal only.
private struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ words: String) { if isTerminal { StandardError.write("\r\u{1B}[K\(words)") } }

    func clear() { if isTerminal { StandardError.write("\r\u{1B}[K") } }
}
