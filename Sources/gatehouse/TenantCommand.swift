import ArgumentParser
import Gateway

/// `gatehouse tenant`: the customers.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Make, list and show tenants.",
        subcommands: [Create.self, List.self, Show.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a tenant; prints its id.")

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "The id: 1 to 63 of a-z, 0-9 and '-'.") var id: String
        @Option(help: "The name that people read.") var name: String
        @Option(help: "A host that is this tenant's alone; may be repeated, the first is used in mails.")
        var host: [String] = []
        @Option(help: "The plan's name.") var plan: String?
        @Option(help: "The region's name.") var region: String?
        @OptionGroup var output: JSONOption

        func run() throws {
            let tenant = OperatorClient.NewTenant(id: id, name: name, hosts: host, plan: plan, region: region)
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.createTenant(tenant, asJSON: output.json)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the tenants.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listTenants(asJSON: output.json)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a tenant, and which of its keys a file owns.")

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "The tenant's id.") var id: String
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.showTenant(id, asJSON: output.json)
            }
        }
    }
}
