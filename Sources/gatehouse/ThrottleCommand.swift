import ArgumentParser
import Gateway

/// `gatehouse throttle`: the counters of failed logins.
struct ThrottleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throttle", abstract: "List the counters of failed logins, and forget them.",
        subcommands: [List.self, Clear.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the counters, the emptiest first.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listThrottles(asJSON: output.json)
            }
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear", abstract: "Forget the counters of an address, or all.")

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "An IP address.") var address: String?
        @Flag(help: "Every counter.") var all = false
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard (address != nil) != all else { throw ValidationError("pass either --address or --all") }
        }

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.clearThrottles(address: address, asJSON: output.json)
            }
        }
    }
}
