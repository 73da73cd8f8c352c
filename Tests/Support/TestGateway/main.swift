// The real gateway with sessions from a file: for end-to-end tests and benchmarks, never installed.
//
//   gatehouse-test-gateway --config FILE --sessions FILE.json [--answer-questions]
//
// Prints `ready listener=127.0.0.1:PORT operations=127.0.0.1:PORT` when it serves; SIGTERM stops it.  With
// --answer-questions, each line `heap` on standard input is answered with `heap BYTES`: what is allocated.

import Access
import CTestHeap
import Core
import EventLoop
import Foundation
import Gateway
import HTTPWire
import HostCrypto

struct SeededSession: Decodable {
    var token: String
    var tenant: String
    var user: String
    var email: String
    var name: String
    var roles: [String]
    var factors: [String]
    var handle: String
}

struct BadSession: Error, CustomStringConvertible {
    var description: String
}

func argument(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

func key(of token: String) -> SessionKey {
    var buffer = WireBuffer()
    buffer.append(Array(token.utf8))
    let words = buffer.withBytes { SHA256Digest.words($0) }
    return SessionKey(words.first, words.second, words.third, words.fourth)
}

func entry(of session: SeededSession) throws -> SessionEntry {
    let now = MonotonicInstant(milliseconds: SystemClock.monotonicMilliseconds)
    guard let handle = SessionHandle(session.handle), let tenant = TenantID(session.tenant),
        let user = UserID(session.user)
    else { throw BadSession(description: "session \(session.handle): handle, tenant or user is malformed") }
    return SessionEntry(
        handle: handle, tenant: tenant, user: user, email: session.email, name: session.name,
        roles: session.roles.compactMap(RoleName.init),
        assurance: Assurance(session.factors.compactMap(Factor.init(rawValue:)), at: now), lastUse: now,
        idleLimit: .hours(12), absoluteDeadline: now.advanced(by: .hours(12)))
}

Signals.block()
do {
    guard let config = argument("--config") else { throw BadSession(description: "--config FILE is required") }
    var entries: [SessionKey: SessionEntry] = [:]
    if let file = argument("--sessions") {
        let sessions = try JSONDecoder().decode(
            [SeededSession].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        for session in sessions { entries[key(of: session.token)] = try entry(of: session) }
    }
    let table = entries
    let server = try GatewayServer.start(
        file: config, environment: ProcessInfo.processInfo.environment,
        loadSession: { key, _ in table[key].map { .found($0) } ?? .missing })
    for (key, entry) in table { server.insert(entry, for: key) }
    StandardOutput.write(
        "ready listener=127.0.0.1:\(server.listenerPorts.first ?? 0) operations=127.0.0.1:\(server.operationsPort)\n")
    if CommandLine.arguments.contains("--answer-questions") {
        LoopThread.start(name: "questions") {
            while let question = readLine() {
                if question == "heap" { StandardOutput.write("heap \(gh_test_heap_in_use())\n") }
            }
        }
    }
    server.serveUntilStopped()
} catch {
    StandardError.write("\(error)\n")
    exit(78)
}
