import ArgumentParser
import Gateway

/// `gatehouse`: one binary, one file a command.
@main
struct GatehouseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "An authenticating reverse proxy.",
        version: GatehouseVersion.text,
        subcommands: [RunCommand.self, CheckCommand.self, ExplainCommand.self, UpstreamEchoCommand.self])
}
