import Access
import Core
import Foundation
import Proxy

@testable import Gateway

/// A gateway in this process, on ports of its own, with the standard members signed in; stopped with this object.
// `@unchecked`: the folder is only kept from being removed.
final class RunningGateway: @unchecked Sendable {
    let server: GatewayServer
    private let folder: GatewayFolder

    /// - Parameters:
    ///   - members: whose sessions every loop holds.
    ///   - resolver: where servers are; the host's resolver unless given.
    ///   - loadSession: where all other sessions come from; the store unless given.
    init(
        _ folder: GatewayFolder, members: [Member] = Member.all, loops: Int = 2,
        loadSession: GatewayServer.SessionLoader? = nil, resolver: GatewayServer.ServerResolver? = nil
    ) throws {
        try folder.write()
        self.folder = folder
        server = try GatewayServer.start(
            file: folder.file, environment: [:], loadSession: loadSession, resolver: resolver, loops: loops)
        for member in members { server.insert(member.entry, for: member.key) }
    }

    deinit { server.stop(within: Milliseconds(0)) }

    /// A gateway of one loop before an application that does what `conversation` says.
    /// - Parameter keys: further keys of the upstream, beginning with a comma.
    static func before(
        keys: String = "", _ conversation: @escaping RawUpstream.Conversation
    ) throws -> (RunningGateway, RawUpstream) {
        let upstream = try RawUpstream(conversation)
        return (try RunningGateway(GatewayFolder(upstream: upstream, upstreamKeys: keys), loops: 1), upstream)
    }

    /// The port of the public listener.
    var port: UInt16 { server.listenerPorts[0] }

    func client(name: String = "acme.example.org", source: UInt8? = nil) throws -> HTTPConnection {
        try HTTPConnection(port: port, name: name, source: source)
    }

    /// A connection to the operations listener.
    func operations() throws -> HTTPConnection {
        HTTPConnection(try TCPStream(port: server.operationsPort))
    }

    /// What a probe says.
    func probe(_ path: String) throws -> Probe { try Probe(operations().ask(path, host: "127.0.0.1")) }

    /// A value of the metrics page; 0 where it is not there.
    func metric(_ name: String) throws -> Int {
        let page = try operations().ask("/metrics", host: "127.0.0.1").text
        for line in page.split(separator: "\n") where line.hasPrefix(name + " ") {
            return Int(line.split(separator: " ").last ?? "") ?? 0
        }
        return 0
    }

    /// How often the metrics page says that this was the reason.
    func refusals(_ reason: ReasonCode) throws -> Int {
        try metric("gatehouse_refusals_total{reason=\"\(reason.code)\"}")
    }

    /// The counter's sum over the loops.
    func counter(_ counter: LoopCounters.Counter) -> UInt64 {
        server.measurements.reduce(0) { $0 + $1.counters.value(counter) }
    }
}

/// A probe's answer.
struct Probe {
    var status: Int
    /// Check by name: whether it passed, and what it says.
    var checks: [String: (isHealthy: Bool, detail: String)] = [:]

    init(_ answer: Answer) throws {
        status = answer.status
        let document = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        for (name, finding) in document?["checks"] as? [String: [String: String]] ?? [:] {
            checks[name] = (finding["status"] == "ok", finding["detail"] ?? "")
        }
    }

    /// The names of the checks that failed.
    var failing: [String] { checks.filter { !$0.value.isHealthy }.keys.sorted() }
}
