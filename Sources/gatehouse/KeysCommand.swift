import ArgumentParser
import Gateway

/// `gatehouse keys`: the master key that everything is sealed under.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make the master key, hold it against the data, say what is known of it.",
        subcommands: [Make.self, Verify.self, Status.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Make a master key at encryption.master_key_file.",
            discussion: """
                Never overwrites one, and refuses a Git work tree that does not ignore the file.  Keep a copy elsewhere: \
                without the key, the data and every backup are lost.
                """)

        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            try OperatorRun.perform(configuration) { (file, environment) throws(OperatorFault) in
                try KeyCommands.make(file: file, environment: environment)
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Hold the master key against the data.",
            discussion: "Exits with 78 where the key is missing, damaged, exposed or another one than the data's.")

        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            try OperatorRun.perform(configuration) { (file, environment) throws(OperatorFault) in
                try KeyCommands.verify(file: file, environment: environment)
            }
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Say where key and data are, and their fingerprints.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (file, environment) throws(OperatorFault) in
                try KeyCommands.status(file: file, environment: environment, asJSON: output.json)
            }
        }
    }
}
