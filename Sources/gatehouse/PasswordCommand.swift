import ArgumentParser
import Core
import Gateway

/// `gatehouse password`: what passwords must be.
struct PasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Hold a password against the policy.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say which rules a password keeps and which it breaks.",
            discussion: """
                The password comes from standard input, and is not shown where it is typed; nothing is changed and \
                nothing is kept of it. Without --tenant the configuration file alone is asked; with it, what its \
                members meet: its name and its hosts count as personal data, and the former passwords of the user \
                whose address --email names are compared. Exits with 65 where the password is refused.
                """)

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: ArgumentHelp("The tenant whose member it is for.", valueName: "id")) var tenant: String?
        @Option(help: "The e-mail address of whoever it is for.") var email: String?
        @Option(help: "The name of whoever it is for.") var name: String?
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (file, environment) throws(OperatorFault) in
                // Before the data folder is locked: whoever types takes time.
                let password = try SecretInput.password()
                guard let tenant else {
                    return try PasswordChecking.check(
                        password, email: email, name: name, file: file, environment: environment, asJSON: output.json)
                }
                let client = try OperatorClient.open(file: file, environment: environment)
                defer { client.close() }
                let owner = OperatorClient.CheckedOwner(tenant: tenant, email: email, name: name)
                return try client.checkPassword(password, of: owner, asJSON: output.json)
            }
        }
    }
}
