import ArgumentParser
import Gateway

/// `gatehouse store`: what is stored, as a whole.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Examine what is stored.", subcommands: [Verify.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Read everything that is stored: files are sound, rows authentic, audit chains whole.",
            discussion: "Exits with 65 where something is not as it should be.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.verifyStore(asJSON: output.json)
            }
        }
    }
}
