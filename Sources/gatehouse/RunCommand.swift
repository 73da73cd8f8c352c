import ArgumentParser
import Gateway

/// `gatehouse run`: serve until SIGTERM.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Serve.",
        discussion: """
            SIGTERM and SIGINT drain and stop, SIGHUP reloads (a faulty file is refused and the old configuration goes \
            on), SIGUSR1 opens the log file anew, SIGUSR2 starts the binary anew and hands over to it.  Exits with 78 for \
            a faulty configuration, with 69 where a port or the log file is not to be had.
            """)

    @OptionGroup var configuration: ConfigurationOption

    func run() throws {
        Signals.block()
        let environment = ProcessEnvironment.ofThisProcess
        let program = ProcessEnvironment.program
        do {
            let server = try GatewayServer.start(
                file: configuration.path(environment: environment), environment: environment)
            server.serveUntilStopped(program: program)
        } catch let failure as GatewayServer.StartFailure {
            StandardError.write("\(failure)\n")
            switch failure {
            case .configuration: throw ExitCode.badConfiguration
            case .data: throw ExitCode.badData
            case .unavailable: throw ExitCode.unavailable
            }
        }
    }
}
