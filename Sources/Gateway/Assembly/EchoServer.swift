import Access
import Core
import EventLoop
import HostCrypto
import Portal
public import Proxy

/// `gatehouse upstream-echo`: an application to try the gateway with, behind a cleartext listener.
public final class EchoServer: Sendable {
    private let plane: DataPlane

    /// Binds the address.
    /// - Throws: `GatewayServer.StartFailure.unavailable` where it is taken.
    public init(address: ListenAddress) throws {
        let pages = try PortalPages(sha256: SHA256Digest.bytes)
        let settings = GatewaySettings(
            access: .init(), proxy: .init(), operations: OperationsSettings(), telemetry: TelemetrySettings(),
            sources: [])
        let (configuration, _) = try DataPlaneAssembly(
            settings: settings, access: settings.access, pages: pages,
            tickets: TicketKeys(now: SystemClock.monotonicMilliseconds)
        ).configuration(generation: 1)
        let echo = EchoApplication(pages: pages).handler
        do {
            plane = try DataPlane(
                configuration, locals: [LocalListener(address: address, handler: echo)],
                seams: DataPlaneSeams(portal: echo), log: try LogWriter(path: ""), loops: 1)
        } catch let failure as DataPlane.ListenFailure {
            throw GatewayServer.StartFailure.unavailable(
                "cannot listen on \(failure.address): \(failure.cause.words); choose another --address")
        }
    }

    /// The port, as bound.
    public var port: UInt16 { plane.ports.local.first ?? 0 }

    /// Serves until SIGTERM or SIGINT; blocks.
    public func serveUntilStopped() {
        plane.start()
        if let signals = try? SignalSource() {
            while signals.next() != .stop {}
        }
        plane.stop()
        plane.waitUntilStopped()
    }

    /// Serves on threads of its own and returns at once.
    public func start() { plane.start() }

    /// Closes everything.
    public func stop() {
        plane.stop()
        plane.waitUntilStopped()
    }
}
