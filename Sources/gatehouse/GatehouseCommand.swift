import ArgumentParser
import Core
import Gateway

/// `gatehouse`: one binary, one file a command.
@main
struct GatehouseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "An authenticating reverse proxy.",
        version: GatehouseVersion.text,
        subcommands: [
            RunCommand.self, CheckCommand.self, ExplainCommand.self, KeysCommand.self, TenantCommand.self,
            UserCommand.self, PasswordCommand.self, SessionCommand.self, ThrottleCommand.self, StoreCommand.self,
            SAMLCommand.self, DoctorCommand.self,
            UpstreamEchoCommand.self,
        ])

    /// As `main` always is, but that a misspelt subcommand finds the one that was meant; options have that already.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure, let name = meant(arguments) else {
                exit(withError: error)
            }
            StandardError.write("\(fullMessage(for: error))\nDid you mean '\(name)'?\n")
            exit(withError: ExitCode.validationFailure)
        }
    }

    /// The subcommand that was perhaps meant by the first word that is none.
    private static func meant(_ arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = Self.self
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !argument.hasPrefix("-") else { return nil }
            guard let next = subcommands.first(where: { $0._commandName == argument }) else {
                return NearestName.find(argument, among: subcommands.map { $0._commandName })
            }
            command = next
        }
        return nil
    }
}
