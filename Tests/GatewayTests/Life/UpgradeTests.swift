import Access
import Core
import EventLoop
import HTTPTypes
import Proxy
import Testing

@testable import Gateway

@Suite("Upgrade: what two processes say to each other")
struct UpgradeTests {
    @Test("a message arrives as it was sent, listeners and keys included")
    func messages() throws {
        let (ours, theirs) = try MessageChannel.pair()
        let (one, other) = (UpgradeChannel(channel: ours), UpgradeChannel(channel: theirs))
        let places: [ListenPlace] = [
            .address(ListenAddress(address: ClientAddress(high: 0, low: 0), port: 8443, isDualStack: true)),
            .address(ListenAddress(address: ClientAddress(ipv4: 0x7F00_0001), port: 0)), .socket(path: "/run/c.sock"),
        ]
        try one.send(
            .handover(
                .init(
                    listeners: places.map { .init($0, isShared: $0 == places[1]) }, dataFolder: "/srv/data",
                    ticketKeys: [0, 255])))
        guard case .handover(let taken) = try other.receive(within: .seconds(5)).0 else {
            return #expect(Bool(false), "another message came")
        }
        #expect(taken.listeners.map(\.place) == places)
        #expect(taken.listeners.map(\.isShared) == [false, true, false])
        #expect(taken.dataFolder == "/srv/data" && taken.ticketKeys == [0, 255])
        try one.send(.refused("why"))
        guard case .refused("why") = try other.receive(within: .seconds(5)).0 else {
            return #expect(Bool(false), "another message came")
        }
        try one.channel.send(Array("{}".utf8))
        #expect(throws: UpgradeChannel.Fault.unreadable) { _ = try other.receive(within: .seconds(5)) }
        #expect(throws: UpgradeChannel.Fault.late) { _ = try other.receive(within: Milliseconds(0)) }
        one.channel.end()
        #expect(throws: UpgradeChannel.Fault.ended) { _ = try other.receive(within: .seconds(5)) }
    }

    @Test("each notice about sessions means the same on the other side")
    func notices() throws {
        let tenant = try #require(TenantID("acme"))
        let user = try #require(UserID("00000000-0000-4000-8000-000000000007"))
        let handle = try #require(SessionHandle("0190b8f0-0000-7000-8000-000000000001"))
        let all: [SessionNotice] = [
            .ended(.handle(handle)), .ended(.user(user, of: tenant)), .ended(.tenant(tenant)),
            .changed(user: user, of: tenant), .renewed(handle, digest: [UInt8](0..<32)),
        ]
        for notice in all { #expect(UpgradeMessage.Notice(notice).notice == notice) }
        // An older Gatehouse, which knows no renewals, must not read an end in one.
        let renewal = UpgradeMessage.Notice(all[4])
        #expect(renewal.session == nil && renewal.user == nil && renewal.tenant == nil)
        var empty = UpgradeMessage.Notice(all[2])
        empty.tenant = nil
        #expect(empty.notice == nil)
    }

    @Test("once the gate is closed a request is sent to the same place again, method and body included")
    func gate() async throws {
        let gate = PortalGate()
        let handler = gate.guarding { _ in
            #expect(gate.underWay == 1)
            return PortalResponse(head: HTTPResponse(status: .ok))
        }
        let request = PortalRequest(
            method: .post, scheme: "https", authority: "a.example", path: "/.gatehouse/login?x=1", fields: [],
            client: ClientAddress(ipv4: 1), requestID: "r")
        #expect(await handler(request).statusCode == 200)
        #expect(gate.underWay == 0)
        gate.close()
        let moved = await handler(request)
        #expect(moved.statusCode == 307)
        #expect(moved.head.headerFields[.location] == "/.gatehouse/login?x=1")
        #expect(moved.head.headerFields[.connection] == "close")
        gate.open()
        #expect(await handler(request).statusCode == 200)
    }

    @Test("the program is found again by how it was called")
    func program() {
        func path(_ name: String) -> String {
            ProgramImage(commandLine: [name, "run"], folder: "/srv", running: "/usr/bin/gatehouse-1").path
        }
        #expect(path("/opt/gatehouse") == "/opt/gatehouse")
        #expect(path("bin/gatehouse") == "/srv/bin/gatehouse")
        #expect(path("gatehouse") == "/usr/bin/gatehouse-1")
    }
}
