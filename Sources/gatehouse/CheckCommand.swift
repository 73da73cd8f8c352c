import ArgumentParser
import Gateway

/// `gatehouse check`: every fault of the configuration at once.
///
/// Prints the faults, then how many, and exits with 78; or a summary, and exits with 0.  Warnings never change
/// the exit code.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration and everything that it names; print all faults at once.",
        discussion: "Exits with 0 where the configuration is good, with 78 where it is not.")

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print the JSON Schema of the configuration instead, for editors.")
    var schema = false

    func run() throws {
        guard !schema else { return print(JSONSchema.document, terminator: "") }
        let environment = ProcessEnvironment.ofThisProcess
        let file = configuration.path(environment: environment)
        let outcome = ConfigurationLoader(
            environment: environment, certificateCheck: CertificateInspection.check,
            masterKeyCheck: MasterKeyInspection.check, breachFileCheck: BreachFileInspection.check,
            metadataCheck: MetadataInspection.check
        ).load(file)
        for warning in outcome.warnings { print(warning) }
        switch outcome.settings {
        case .failure(let faults):
            print(faults)
            throw ExitCode.badConfiguration
        case .success(let settings): print("\(file): ok — \(settings.summary)")
        }
    }
}
