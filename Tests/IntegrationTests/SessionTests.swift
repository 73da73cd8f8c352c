import Access
import Core
import Foundation
import Proxy
import Testing

@testable import Gateway

@Suite(.ownThread, .timeLimit(.minutes(5)))
struct SessionTests {
    /// A store of sessions that says how often it was asked, and answers when it may.
    private final class Store: Sendable {
        let entries: Shared<[SessionKey: SessionEntry]>
        let asked = Shared(0)
        let mayAnswer: Shared<Bool>

        init(_ members: [Member], mayAnswer: Bool = true) {
            entries = Shared(Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.entry) }))
            self.mayAnswer = Shared(mayAnswer)
        }

        var loader: GatewayServer.SessionLoader {
            { key, _ in
                // Read before waiting: what a slow store found may be out of date when it answers.
                let found = self.entries.value[key]
                self.asked.change { $0 += 1 }
                return await withCheckedContinuation { continuation in
                    Thread.detachNewThread {
                        _ = self.mayAnswer.waits(seconds: 30) { $0 }
                        continuation.resume(returning: found.map { .found($0) } ?? .missing)
                    }
                }
            }
        }
    }

    private static func gateway(_ store: Store, members: [Member] = []) throws -> (RunningGateway, RawUpstream) {
        let upstream = try RawUpstream(RawUpstream.answering { $0["x-session-id"] ?? "nobody" })
        let folder = try GatewayFolder(upstream: upstream)
        return (try RunningGateway(folder, members: members, loops: 1, loadSession: store.loader), upstream)
    }

    @Test("the store is asked once for many concurrent requests with one unknown cookie, and they all go on")
    func oneLoad() throws {
        let store = Store([Member.user], mayAnswer: false)
        let (gateway, _) = try Self.gateway(store)
        let count = 24
        let arrived = Shared(0)
        Thread.detachNewThread {
            _ = arrived.waits { $0 == count }
            _ = store.asked.waits { $0 == 1 }
            store.mayAnswer.change { $0 = true }
        }
        let texts = try inParallel(count) { _ in
            let client = try gateway.client()
            try client.send(HTTPConnection.request("/app", token: Member.user.token))
            arrived.change { $0 += 1 }
            return try client.readAnswer().text
        }
        #expect(texts == Array(repeating: "\(Member.user.handle)", count: count))
        #expect(store.asked.value == 1)
        #expect(gateway.counter(.sessionLoads) == 1)
    }

    @Test("a token that the store does not know is remembered as unknown")
    func missing() throws {
        let store = Store([])
        let (gateway, _) = try Self.gateway(store)
        let client = try gateway.client()
        for _ in 0..<50 {
            #expect(try client.ask("/app", token: "nobody-has-this-token-0001").outcome == "401 login-required")
        }
        #expect(try gateway.client().ask("/app", token: "nobody-has-this-token-0001").status == 401)
        #expect(store.asked.value == 1)
        #expect(try becomesTrue { try gateway.refusals(.sessionUnknown) == 51 })
    }

    @Test("a session that ended is nobody's from the next request on")
    func ended() throws {
        let store = Store([])
        let (gateway, _) = try Self.gateway(store, members: [Member.user, Member.admin])
        let client = try gateway.client()
        #expect(try client.ask("/app", token: Member.user.token).text == "\(Member.user.handle)")
        gateway.server.endSessions(.handle(Member.user.handle))
        #expect(try client.ask("/app", token: Member.user.token).outcome == "401 login-required")
        #expect(try client.ask("/app", token: Member.admin.token).text == "\(Member.admin.handle)")
        gateway.server.endSessions(.tenant(Member.admin.entry.tenant))
        #expect(try client.ask("/app", token: Member.admin.token).outcome == "401 login-required")
    }

    @Test("a session that ends while the store is being asked for it is not let in by the late answer")
    func endedWhileLoading() throws {
        let store = Store([Member.user], mayAnswer: false)
        let (gateway, _) = try Self.gateway(store)
        let client = try gateway.client()
        try client.send(HTTPConnection.request("/app", token: Member.user.token))
        #expect(store.asked.waits { $0 == 1 })
        store.entries.change { $0 = [:] }
        gateway.server.endSessions(.handle(Member.user.handle))
        store.mayAnswer.change { $0 = true }
        #expect(try client.readAnswer().outcome == "401 login-required")
        #expect(store.asked.value == 2)
    }

    @Test("another tenant's session counts as none, and is told apart in the metrics")
    func wrongTenant() throws {
        let (gateway, _) = try Self.gateway(Store([]), members: Member.all)
        let client = try gateway.client()
        #expect(try client.ask("/app", token: Member.stranger.token).outcome == "401 login-required")
        #expect(try client.ask("/optional/a", token: Member.stranger.token).text == "nobody")
        #expect(
            try client.ask("/app", host: "globex.example.org", token: Member.stranger.token).text
                == "\(Member.stranger.handle)")
        #expect(try becomesTrue { try gateway.refusals(.sessionWrongTenant) >= 1 })
    }

    @Test("two session cookies count as none, in one field or in two, equal or not")
    func twoCookies() throws {
        let (gateway, _) = try Self.gateway(Store([]), members: Member.all)
        let client = try gateway.client()
        let own = "__Host-gatehouse=\(Member.user.token)"
        let other = "__Host-gatehouse=\(Member.admin.token)"
        for fields in [
            ["Cookie: \(own); \(other)"], ["Cookie: \(own)", "Cookie: \(other)"], ["Cookie: \(own); \(own)"],
        ] {
            #expect(try client.ask("/app", fields: fields).outcome == "401 login-required")
            #expect(try client.ask("/optional/a", fields: fields).text == "nobody")
        }
        #expect(try client.ask("/app", fields: ["Cookie: a=b; \(own); c=d"]).text == "\(Member.user.handle)")
        #expect(try becomesTrue { try gateway.refusals(.cookieRepeated) >= 3 })
    }

    @Test("a session past its end is nobody's, whatever the loop still holds")
    func expired() throws {
        let (gateway, _) = try Self.gateway(Store([]))
        let now = MonotonicInstant(milliseconds: UInt64(ProcessInfo.processInfo.systemUptime * 1000))
        let entry = Member.user.entry
        let ended = SessionEntry(
            handle: entry.handle, tenant: entry.tenant, user: entry.user, email: entry.email, name: entry.name,
            roles: entry.roles, assurance: entry.assurance, lastUse: now, absoluteDeadline: now)
        gateway.server.insert(ended, for: Member.user.key)
        #expect(try gateway.client().ask("/app", token: Member.user.token).outcome == "401 login-required")
        #expect(try becomesTrue { try gateway.refusals(.sessionExpired) == 1 })
    }
}
