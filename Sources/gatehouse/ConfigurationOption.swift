import ArgumentParser

/// `--config FILE`, which every command takes.
struct ConfigurationOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration file; without it $GATEHOUSE_CONFIG, else config/gatehouse.yaml.", valueName: "file"))
    var file: String?

    /// The file that is meant, given the environment.
    func path(environment: [String: String]) -> String {
        file ?? environment["GATEHOUSE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? "config/gatehouse.yaml"
    }
}
