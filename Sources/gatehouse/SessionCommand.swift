import ArgumentParser
import Gateway

/// `gatehouse session`: who is signed in.
struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "List sessions and end them.", subcommands: [List.self, Revoke.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List sessions of a tenant: all, a user's, or one.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var sessions: ChosenSessions
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listSessions(of: sessions.tenant.tenant, sessions.choice ?? .all, asJSON: output.json)
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "End sessions; what runs under them is cut within a second.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var sessions: ChosenSessions
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard sessions.choice != nil else {
                throw ValidationError("say which sessions are to end: --email, --session or --all")
            }
        }

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.revokeSessions(
                    of: sessions.tenant.tenant, sessions.choice ?? .handle(""), asJSON: output.json)
            }
        }
    }
}

/// `--tenant ID [--email E | --session HANDLE | --all]`.
struct ChosenSessions: ParsableArguments {
    @OptionGroup var tenant: TenantOption
    @Option(help: "Those of the user with this e-mail address.") var email: String?
    @Option(help: ArgumentHelp("The one with this handle.", valueName: "handle")) var session: String?
    @Flag(help: "All of the tenant.") var all = false

    /// What was chosen; nil where nothing was.
    var choice: OperatorClient.SessionChoice? {
        if let email { return .user(email) }
        if let session { return .handle(session) }
        return all ? .all : nil
    }

    func validate() throws {
        guard [email != nil, session != nil, all].filter(\.self).count <= 1 else {
            throw ValidationError("--email, --session and --all exclude each other")
        }
    }
}
