import ArgumentParser
import Gateway

/// The commands of `gatehouse saml` that work on a tenant's connections.
extension SAMLCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the connections of a tenant, and how they fare.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listConnections(of: tenant.tenant, asJSON: output.json)
            }
        }
    }

    struct Metadata: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "metadata", abstract: "Print our metadata, which the identity provider has to know.",
            discussion: """
                The document is signed, names the certificates of our keys, old and new during a roll-over, and ends in a \
                week: a provider that reads it by itself takes its address. --addresses prints the values to enter by hand.
                """)

        @OptionGroup var connection: NamedConnection
        @Flag(help: "Print the values to enter by hand instead.") var addresses = false
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard !(addresses && output.json) else {
                throw ValidationError("--json prints the addresses too: leave --addresses out")
            }
        }

        func run() throws {
            try OperatorRun.perform(connection.configuration) { (client) throws(OperatorFault) in
                try client.showMetadata(
                    of: connection.name, in: connection.tenant.tenant,
                    as: output.json ? .json : addresses ? .addresses : .document)
            }
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Look at a connection as a sign-in would.",
            discussion: """
                Metadata that has an address is fetched anew; nothing is changed, and nobody signs in. Exits with 65 where \
                something fails.
                """)

        @OptionGroup var connection: NamedConnection
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(connection.configuration) { (client) throws(OperatorFault) in
                try client.testConnection(connection.name, of: connection.tenant.tenant, asJSON: output.json)
            }
        }
    }

    struct Trace: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "trace", abstract: "Show what has become of messages of identity providers, step by step.",
            discussion: """
                The newest first. Traces name no values of attributes and nobody in full, are sealed, and are kept for 14 \
                days. The page that a member saw has the request's id.
                """)

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var tenant: TenantOption
        @Option(help: ArgumentHelp("Those of this connection.", valueName: "name")) var connection: String?
        @Option(help: ArgumentHelp("Those of this request.", valueName: "id")) var request: String?
        @Option(help: ArgumentHelp("How many, 1 to 200; else 20.", valueName: "number")) var limit: Int?
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard limit.map({ (1...200).contains($0) }) ?? true else {
                throw ValidationError("--limit is a number from 1 to 200")
            }
        }

        func run() throws {
            let choice = OperatorClient.TraceChoice(connection: connection, requestID: request, limit: limit)
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listTraces(of: tenant.tenant, choice, asJSON: output.json)
            }
        }
    }

    struct RotateKeys: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-keys", abstract: "Put another key of ours in the place of the one in use.",
            discussion: """
                --begin makes the next key, whose certificate stands in our metadata from then on; give the provider the \
                metadata anew, or wait until it has read it. --finish then signs with it; the former key opens encrypted \
                assertions for 30 days more. --cancel forgets the next key.
                """)

        @OptionGroup var connection: NamedConnection
        @Flag(help: "Make the next key.") var begin = false
        @Flag(help: "Use the next key.") var finish = false
        @Flag(help: "Forget the next key.") var cancel = false
        @OptionGroup var output: JSONOption

        private var step: OperatorClient.RollOverStep? {
            switch (begin, finish, cancel) {
            case (true, false, false): .begin
            case (false, true, false): .finish
            case (false, false, true): .cancel
            default: nil
            }
        }

        func validate() throws {
            guard step != nil else { throw ValidationError("say one of --begin, --finish and --cancel") }
        }

        func run() throws {
            guard let step else { return }
            try OperatorRun.perform(connection.configuration) { (client) throws(OperatorFault) in
                try client.rollOverKey(
                    of: connection.name, in: connection.tenant.tenant, step: step, asJSON: output.json)
            }
        }
    }

    struct Unlink: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlink", abstract: "Forget whom an identity provider says that a user is.",
            discussion: """
                For a user who was connected by mistake, or who has another account at the provider now. Every session of \
                the user ends; the next sign-in there connects anew, as the first one did.
                """)

        @OptionGroup var user: NamedUser
        @Option(help: ArgumentHelp("At this connection alone.", valueName: "name")) var connection: String?
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.unlink(
                    user.name, of: user.tenant.tenant, connection: connection, asJSON: output.json)
            }
        }
    }
}

/// `--tenant ID NAME`: one connection.
struct NamedConnection: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var tenant: TenantOption
    @Argument(help: ArgumentHelp("The connection's name.", valueName: "connection")) var name: String
}
