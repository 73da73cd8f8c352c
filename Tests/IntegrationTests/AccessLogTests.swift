import Core
import Foundation
import Gateway
import Testing

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct AccessLogTests {
    /// Requests of every kind, each with a secret where a careless log would show it.
    private static func play(_ gateway: RunningGateway) throws {
        let client = try gateway.client()
        _ = try client.ask("/assets/a.css?token=SECRET-query")
        _ = try client.ask("/app/page?code=SECRET-query", token: Member.user.token)
        _ = try client.ask("/app/page?code=SECRET-query", fields: ["Cookie: __Host-gatehouse=SECRET-unknown-token-123"])
        _ = try client.ask("/admin/page?x=SECRET-query", token: Member.user.token, fields: ["Authorization: SECRET-a"])
        _ = try client.ask("/app", method: "POST", token: Member.user.token, body: "SECRET-body")
        _ = try client.ask("/.gatehouse/reset?link=SECRET-query")
        _ = try client.ask("/assets/%22quoted%22%0A", fields: ["User-Agent: \"SECRET-agent\""])
        let broken = try gateway.client()
        try broken.send("GET /assets/\"a HTTP/1.1\r\nHost: acme.example.org\r\nX : SECRET-field\r\n\r\n")
        _ = try broken.readAnswer()
        _ = try gateway.client().ask("/assets/a", host: "unknown.example.org")
    }

    private static let secrets = ["SECRET", Member.user.token, "__Host-gatehouse", "somebody@acme.example"]

    private static let requests = 9

    private static func gateway(format: String) throws -> (RunningGateway, GatewayFolder, RawUpstream) {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        folder.logFormat = format
        return (try RunningGateway(folder), folder, upstream)
    }

    @Test("each request leaves one line of JSON with the documented keys, and nothing secret in it")
    func json() throws {
        let (gateway, folder, _) = try Self.gateway(format: "json")
        try Self.play(gateway)
        func lines() throws -> [[String: Any]] {
            try folder.logLines.map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            }.filter { $0["kind"] as? String == "access" }
        }
        #expect(try becomesTrue { try lines().count == Self.requests })
        let access = try lines()
        let known: Set = [
            "time", "kind", "request", "client", "method", "protocol", "host", "path", "route", "tenant", "session",
            "session_note", "status", "bytes_in", "bytes_out", "ms", "reason",
        ]
        for line in access {
            #expect(Set(line.keys).isSubset(of: known), "\(line)")
            #expect((line["request"] as? String)?.count == 32)
            #expect(line["client"] as? String == "127.0.0.1")
            #expect(line["status"] is Int)
            #expect((line["time"] as? String)?.hasSuffix("Z") == true)
        }
        let signedIn = try #require(access.first { $0["session"] != nil })
        #expect(signedIn["session"] as? String == "\(Member.user.handle)")
        #expect(signedIn["tenant"] as? String == "acme")
        #expect(signedIn["route"] as? String == "app")
        #expect(signedIn["path"] as? String == "/app/page")
        #expect(signedIn["bytes_out"] as? Int == 2)
        let refused = try #require(access.first { $0["reason"] as? String == "role-missing" })
        #expect(refused["status"] as? Int == 403)
        #expect(refused["route"] as? String == "admin")
        #expect(access.contains { $0["session_note"] as? String == "session-unknown" })
        #expect(access.contains { $0["bytes_in"] as? Int == "SECRET-body".utf8.count })
        #expect(Set(access.compactMap { $0["request"] as? String }).count == Self.requests)
        let text = folder.logLines.joined(separator: "\n")
        for secret in Self.secrets { #expect(!text.contains(secret), "\(secret)") }
    }

    @Test("with format text, each request leaves one line of key=value pairs, and nothing secret in it")
    func text() throws {
        let (gateway, folder, _) = try Self.gateway(format: "text")
        try Self.play(gateway)
        func lines() -> [String] { folder.logLines.filter { $0.contains(" info access ") } }
        #expect(becomesTrue { lines().count == Self.requests })
        let pair = try Regex(#" (\w+)=("(?:[^"\\]|\\.)*"|\d+)"#)
        for line in folder.logLines {
            #expect(!line.hasPrefix("{"))
            let words = line.prefix { $0 != " " }
            #expect(words.hasSuffix("Z"), "\(line)")
        }
        for line in lines() {
            let keys = line.matches(of: pair).compactMap { $0.output[1].substring.map(String.init) }
            #expect(keys.starts(with: ["request", "client"]), "\(line)")
            #expect(keys.contains("status"))
            #expect(line.replacing(pair, with: "").split(separator: " ").count == 3, "\(line)")
        }
        let text = folder.logLines.joined(separator: "\n")
        for secret in Self.secrets { #expect(!text.contains(secret), "\(secret)") }
    }

    @Test("below level info no request is logged")
    func level() throws {
        let upstream = try RawUpstream()
        let folder = try GatewayFolder(upstream: upstream)
        folder.logFormat = "json, level: warning"
        let gateway = try RunningGateway(folder)
        #expect(try gateway.client().ask("/assets/a").status == 200)
        folder.extra = "no_such_key: 1"
        try folder.write()
        gateway.server.reload()
        #expect(becomesTrue { folder.logLines.contains { $0.contains("reload-refused") } })
        gateway.server.stop(within: Milliseconds(0))
        #expect(!folder.logLines.contains { $0.contains("\"kind\":\"access\"") })
    }

    @Test("after a rename and the order to open anew, lines go to a new file of the old name, and none is lost")
    func reopen() throws {
        let (gateway, folder, _) = try Self.gateway(format: "json")
        let client = try gateway.client()
        for index in 0..<50 { _ = try client.ask("/assets/\(index)") }
        let moved = folder.path("access.log.1")
        try FileManager.default.moveItem(atPath: folder.logFile, toPath: moved)
        for index in 50..<100 { _ = try client.ask("/assets/\(index)") }
        gateway.server.reopenLogs()
        #expect(becomesTrue { FileManager.default.fileExists(atPath: folder.logFile) })
        for index in 100..<150 { _ = try client.ask("/assets/\(index)") }
        gateway.server.stop(within: Milliseconds(0))
        let first = try String(contentsOfFile: moved, encoding: .utf8).split(separator: "\n").map(String.init)
        let paths = try (first + folder.logLines).compactMap { line in
            try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["path"] as? String
        }
        #expect(paths == (0..<150).map { "/assets/\($0)" })
        #expect(folder.logLines.contains { $0.contains("/assets/149") })
    }
}
