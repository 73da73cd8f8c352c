import Access
import Core
import Foundation
import Proxy
import Store
import Testing

@testable import Gateway

/// What ends a stream that is under way (security rule 9).
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct StreamEndTests {
    /// An application that begins to answer and never ends, and one stream of a member.
    private static func streaming(
        roles: [String] = [], lasts: Milliseconds = .hours(12)
    ) throws -> (gateway: RunningGateway, folder: GatewayFolder, member: StoredMember, stream: HTTPConnection) {
        let upstream = try RawUpstream { peer in
            while let request = try peer.readRequest() {
                guard request.target.hasSuffix("stream") else {
                    try peer.answer(request["x-user-roles"] ?? "-")
                    continue
                }
                try peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
            }
        }
        let folder = try GatewayFolder(upstream: upstream)
        let gateway = try RunningGateway(folder, members: [], loops: 2)
        var (lasts, status): (Milliseconds, Int) = (lasts, 0)
        // A session that is over before its stream begins, on a machine that has other work, says nothing: a longer one.
        while true {
            let member = try StoredMember.make(
                in: gateway.server, email: "mia\(lasts.count)@acme.example", roles: roles, lasts: lasts)
            let stream = try gateway.client()
            try stream.send(HTTPConnection.request("/app/stream", token: member.token))
            status = try stream.readHead().status
            if status == 200 { return (gateway, folder, member, stream) }
            lasts = .seconds(lasts.count / 1000 * 2)
            try #require(lasts <= .seconds(60), "the stream's answer was \(status)")
        }
    }

    @Test("a revocation by user finds a stream whose session no loop holds any more")
    func forgotten() throws {
        let (gateway, _, member, stream) = try Self.streaming()
        gateway.server.plane.forgetSessions(endingStreams: false)
        gateway.server.endSessions(.user(member.user.id, of: member.tenant))
        #expect(throws: (any Error).self) { _ = try stream.readChunks() }
    }

    @Test("a revocation of somebody else leaves the stream alone")
    func others() throws {
        let (gateway, _, member, stream) = try Self.streaming()
        let globex = try #require(TenantID("globex"))
        gateway.server.endSessions(.user(.random(), of: member.tenant))
        gateway.server.endSessions(.user(member.user.id, of: globex))
        gateway.server.endSessions(.tenant(globex))
        #expect(try gateway.client().ask("/app", token: member.token).status == 200)
        gateway.server.endSessions(.tenant(member.tenant))
        #expect(throws: (any Error).self) { _ = try stream.readChunks() }
    }

    @Test("a tenant that its file suspends has its streams ended at the reload")
    func suspended() throws {
        let (gateway, folder, member, stream) = try Self.streaming()
        try folder.write("tenants/acme.yaml", "id: acme\nname: acme\nhosts: [ acme.example.org ]\nsuspended: true\n")
        #expect(gateway.server.reload())
        #expect(throws: (any Error).self) { _ = try stream.readChunks() }
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "403 tenant-suspended")
    }

    @Test("a session's end at the latest ends its streams")
    func overdue() throws {
        let (_, _, _, stream) = try Self.streaming(lasts: .seconds(2))
        #expect(throws: (any Error).self) { _ = try stream.readChunks() }
    }

    @Test("a role that the tenant's file no longer has reaches no application after the reload")
    func roleGone() throws {
        let upstream = try RawUpstream(RawUpstream.answering { $0["x-user-roles"] ?? "-" })
        let folder = try GatewayFolder(upstream: upstream)
        let tenant = "id: acme\nname: acme\nhosts: [ acme.example.org ]\n"
        try folder.write("tenants/acme.yaml", tenant + "roles: [ auditor ]\n")
        let gateway = try RunningGateway(folder, members: [], loops: 1)
        let member = try StoredMember.make(in: gateway.server, roles: ["auditor"])
        #expect(try gateway.client().ask("/app", token: member.token).text == "user,auditor")
        try folder.write("tenants/acme.yaml", tenant + "roles: []\n")
        #expect(gateway.server.reload())
        #expect(try gateway.client().ask("/app", token: member.token).text == "user")
    }

    @Test("a reload that is refused has changed nothing in the store")
    func refusedReload() throws {
        let (gateway, folder, member, _) = try Self.streaming()
        try folder.write("tenants/acme.yaml", "id: acme\nname: Other\nhosts: [ acme.example.org ]\nsuspended: true\n")
        try folder.write("tenants/globex.yaml", "id: globex\nname: globex\nhosts: [ globex.example.org ]\n")
        try folder.write("tls/key.pem", TestCertificate(serial: 2).key)
        #expect(!gateway.server.reload())
        let data = gateway.server.data
        let stored = try Awaiting.result { try await data.store.tenants.find(member.tenant) }
        #expect(stored?.state == .active && stored?.name == "acme")
        #expect(try gateway.client().ask("/app", token: member.token).status == 200)
    }
}
