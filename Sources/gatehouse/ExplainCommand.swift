import ArgumentParser
import Core
import Gateway

/// `gatehouse explain`: which route a request would meet, and why it would pass or not.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which route a request would meet, its rule, the verdict and the reason code.",
        discussion: """
            The decision is the one that the server makes, on the configuration as it is on disk and on the tenants \
            of the data folder.  Exits with 0 where the request would be forwarded or answered by Gatehouse, with 77 \
            where it would be refused.
            """)

    @OptionGroup var configuration: ConfigurationOption
    @Option(help: "The Host field, with or without a port.") var host: String
    @Option(help: "The path, as a client writes it.") var path: String
    @Option(help: "The method.") var method = "GET"
    @Option(help: "A member of this tenant is signed in.") var tenant: String?
    @Option(help: "The member has this role, besides those that everybody has; may be repeated.") var role: [String] =
        []
    @Option(help: "The member has proved this factor just now; may be repeated.") var factor: [String] = []
    @Flag(help: "The member has no second factor yet, and the tenant's mfa.grace has begun.") var inGrace = false
    @Option(help: "The client's address.") var client = "127.0.0.1"
    @Option(help: "A script of this origin asks, such as https://www.example.org; with --method OPTIONS its preflight.")
    var origin: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let environment = ProcessEnvironment.ofThisProcess
        let request = ExplainRequest(
            host: host, path: path, method: method, tenant: tenant, roles: role, factors: factor, client: client,
            origin: origin, isInGrace: inGrace)
        do {
            let answer = try GatewayExplanation.explain(
                request, file: configuration.path(environment: environment), environment: environment)
            if let warning = answer.warning { StandardError.write("warning: \(warning)\n") }
            print(json ? answer.json : answer.text)
            guard answer.isAllowed else { throw ExitCode.notPermitted }
        } catch let fault as ExplainRequest.Fault {
            throw ValidationError(fault.description)
        } catch let failure as GatewayServer.StartFailure {
            StandardError.write("\(failure)\n")
            throw ExitCode.badConfiguration
        }
    }
}
