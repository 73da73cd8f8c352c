import Core
import EventLoop
import FoundationEssentials
import Proxy

/// Listening sockets that systemd opened for this process (sd_listen_fds(3)): with them, connections wait in a queue while
/// the service is not there, and ports below 1024 need no privilege.
enum ServiceSockets {
    /// The number of the first one.
    static let first: Int32 = 3
    /// The most that are taken.
    static let most: Int32 = 128

    /// The sockets of `LISTEN_FDS`, where `LISTEN_PID` means this process.  To be called once.
    /// - Throws: `StartFailure.configuration` for a variable that makes no sense, or a descriptor that is no listening
    ///   socket.
    static func take(
        _ environment: [String: String], process: Int32 = ProcessInfo.processInfo.processIdentifier
    ) throws(GatewayServer.StartFailure) -> [InheritedListener] {
        guard let count = environment["LISTEN_FDS"], environment["LISTEN_PID"] == "\(process)" else { return [] }
        guard let count = Int32(count), (0...most).contains(count) else {
            throw .configuration("LISTEN_FDS: \"\(count)\" is no number of sockets; allowed: 0 to \(most)")
        }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        var sockets: [InheritedListener] = []
        for index in 0..<count {
            let name = index < names.count ? String(names[Int(index)]) : ""
            do {
                sockets.append(
                    InheritedListener(try Socket.adopting(listener: first + index), name: name, isShared: true))
            } catch {
                throw .configuration(
                    "systemd: the socket \"\(name)\" (descriptor \(first + index)) does not listen for connections: \(error.words); its .socket unit needs ListenStream= and Accept=no"
                )
            }
        }
        return sockets
    }

    /// Refuses sockets that nothing would accept from: whoever connected there would wait for ever.
    static func refuseUnused(
        _ sockets: [InheritedListener], places: [ListenPlace], file: String
    ) throws(GatewayServer.StartFailure) {
        let unused = sockets.filter { socket in !places.contains { socket.serves($0) } }
        guard !unused.isEmpty else { return }
        let words = unused.map { "\"\($0.name)\" on \(text(of: $0.bound))" }.joined(separator: ", ")
        throw .configuration(
            "\(file): systemd passed sockets that no listener here has the address of: \(words); configured: \(places.map(\.description).joined(separator: ", ")); give listeners[].address and ListenStream= the same addresses (\":8443\" and \"[::]:8443\" are ListenStream=[::]:8443 with BindIPv6Only=both)"
        )
    }

    private static func text(of bound: Socket.Bound) -> String {
        switch bound {
        case .address(let address, let isDualStack):
            let shown = ListenAddress(
                address: .init(high: address.high, low: address.low), port: address.port, isDualStack: isDualStack)
            return isDualStack || address.isIPv4 ? "\(shown)" : "\(shown) (IPv6 alone)"
        case .path(let path): return path
        case .unknown: return "no address"
        }
    }
}
