import ArgumentParser
import Gateway

/// `gatehouse doctor`: a look at a running gateway from outside.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at a running gateway from outside: TLS, certificate, cookies, refusals, clock.",
        discussion: """
            Asks as a visitor would, from any machine, and changes nothing.  Each check passes, warns or fails and says \
            how to mend it; `info` means that nothing could be seen, which is no pass.  Exits with 0 where no check \
            failed, with 65 where one did, with 69 where the URL cannot be reached, with 78 where the configuration \
            is faulty.
            """)

    @Option(help: ArgumentHelp("The gateway's public address, https://HOST[:PORT]/.", valueName: "url"))
    var url: String
    @Option(
        help: ArgumentHelp(
            "Certificate authorities in PEM, instead of this machine's own.", valueName: "file"))
    var caFile: String?
    @Option(
        help: ArgumentHelp(
            "Look for a host at this address, as curl's option does; may be repeated.", valueName: "host:port:address"))
    var resolve: [String] = []
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The gateway's configuration, for what no answer tells; without it $GATEHOUSE_CONFIG, else none.",
            valueName: "file"))
    var file: String?
    @OptionGroup var output: JSONOption

    func run() throws {
        let environment = ProcessEnvironment.ofThisProcess
        let request: DoctorRequest
        do {
            request = try DoctorRequest(
                url: url, caFile: caFile, resolve: resolve,
                configuration: file ?? environment["GATEHOUSE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 })
        } catch {
            throw ValidationError(error.description)
        }
        try OperatorRun.perform { () throws(OperatorFault) in
            try Doctor.examine(request, asJSON: output.json, environment: environment)
        }
    }
}
