import ArgumentParser
import Core
import Gateway

/// `gatehouse upstream-echo`: an application to try with.
struct UpstreamEchoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream-echo",
        abstract: "Run an application that shows each request as it arrived: a page for browsers, JSON for others.")

    @Option(help: ArgumentHelp("Where to listen.", valueName: "address:port"))
    var address = "127.0.0.1:3000"

    func run() throws {
        Signals.block()
        guard let listen = ListenAddressText.read(address) else {
            throw ValidationError(
                "--address \(address) is not an address and a port, such as 127.0.0.1:3000 or [::1]:3000")
        }
        do {
            let server = try EchoServer(address: listen)
            StandardOutput.write("echo: listening on http://\(ListenAddressText.shown(listen, port: server.port))/\n")
            server.serveUntilStopped()
        } catch let failure as GatewayServer.StartFailure {
            StandardError.write("\(failure)\n")
            throw ExitCode.unavailable
        }
    }
}
