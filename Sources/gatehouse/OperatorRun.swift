import ArgumentParser
import Gateway

/// What every command has in common that asks the API or the keys: where the configuration is, what is printed where,
/// and which exit code says what.
enum OperatorRun {
    /// Opens the way to the API, does the command's work and prints what comes out.
    static func perform(
        _ configuration: ConfigurationOption,
        _ body: (OperatorClient) throws(OperatorFault) -> CommandOutput
    ) throws {
        try perform(configuration) { (file, environment) throws(OperatorFault) in
            let client = try OperatorClient.open(file: file, environment: environment)
            defer { client.close() }
            for warning in client.warnings { StandardError.write("warning: \(warning)\n") }
            return try body(client)
        }
    }

    /// As above, for what needs no API.
    static func perform(
        _ configuration: ConfigurationOption,
        _ body: (_ file: String, _ environment: [String: String]) throws(OperatorFault) -> CommandOutput
    ) throws {
        let environment = ProcessEnvironment.ofThisProcess
        try perform { () throws(OperatorFault) in
            try body(configuration.path(environment: environment), environment)
        }
    }

    /// As above, for what may do without a configuration.
    static func perform(_ body: () throws(OperatorFault) -> CommandOutput) throws {
        let output: CommandOutput
        do {
            output = try body()
        } catch {
            StandardError.write("\(error)\n")
            throw ExitCode(error.kind)
        }
        StandardOutput.write(output.text)
        if !output.note.isEmpty { StandardError.write(output.note) }
        if let verdict = output.verdict { throw ExitCode(verdict) }
    }
}

/// `--json`, for scripts.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}

/// `--tenant ID`.
struct TenantOption: ParsableArguments {
    @Option(help: ArgumentHelp("The tenant.", valueName: "id"))
    var tenant: String
}
