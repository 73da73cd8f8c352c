import Core
import HTTPWire
import Testing

@testable import Proxy

@Suite("The client behind trusted proxies")
struct ForwardedForTests {
    private static let trusted = [AddressRange("10.0.0.0/8"), AddressRange("fd00::/8")].compactMap { $0 }

    /// The client of a request that came from 10.0.0.1 with these fields, as text.
    private func client(_ values: String...) -> String {
        let request = ReadRequest(values.map { "X-Forwarded-For: \($0)" })
        guard request.outcome == .complete, let peer = ClientAddress("10.0.0.1") else { return "refused" }
        return ForwardedFor.client(peer: peer, head: request.head, bytes: request.bytes.span.bytes) { address in
            Self.trusted.contains { $0.contains(address) }
        }.description
    }

    @Test("the walk goes from right to left up to the first address that is not trusted")
    func walk() {
        #expect(client() == "10.0.0.1")
        #expect(client("192.0.2.7") == "192.0.2.7")
        #expect(client("6.6.6.6, 192.0.2.7") == "192.0.2.7")
        #expect(client("6.6.6.6, 192.0.2.7, 10.0.0.9,10.0.0.8") == "192.0.2.7")
        #expect(client("6.6.6.6", "192.0.2.7", "10.1.1.1") == "192.0.2.7")
        #expect(client("10.2.2.2 , 10.3.3.3") == "10.2.2.2")
        #expect(client("2001:db8::1, fd00::5") == "2001:db8::1")
    }

    @Test(
        "what cannot be read ends the walk at the last good hop",
        arguments: [
            "unknown", "_hidden", "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 5", "\"1.2.3.4\"",
            "[1.2.3.4]",
            "[::1]x", "[::1]:", "[::1]:x", "[::1", "::1]", "[]", "1.2.3.4:", "1.2.3.4:port", "1.2.3.4:123456",
            "1::2::3",
            "fe80::1%eth0", "for=1.2.3.4", "1.2.3.4;5", String(repeating: "1", count: 100),
        ])
    func unreadable(_ entry: String) {
        #expect(client("\(entry), 10.0.0.9") == "10.0.0.9")
        #expect(client("6.6.6.6, \(entry)") == "10.0.0.1")
    }

    @Test(
        "an address may come with a port and in brackets",
        arguments: [
            ("192.0.2.7:1234", "192.0.2.7"), ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:65535", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"), ("::ffff:192.0.2.7", "192.0.2.7"), (" \t192.0.2.7\t ", "192.0.2.7"),
        ])
    func forms(_ entry: String, _ expected: String) { #expect(client("6.6.6.6,\(entry)") == expected) }

    @Test("a mapped address of a trusted range is trusted")
    func mapped() { #expect(client("192.0.2.7, ::ffff:10.0.0.5") == "192.0.2.7") }

    @Test("only 32 hops are walked")
    func hops() {
        let trusted = { (count: Int) in [String](repeating: "10.0.0.9", count: count).joined(separator: ",") }
        #expect(client("192.0.2.7,\(trusted(31))") == "192.0.2.7")
        #expect(client("192.0.2.7,\(trusted(32))") == "10.0.0.9")
    }

    @Test("a look-alike of the field does not count")
    func lookAlike() {
        let request = ReadRequest(["X_Forwarded_For: 6.6.6.6", "X-Forwarded-For2: 6.6.6.6", "Forwarded: for=6.6.6.6"])
        let peer = ClientAddress(ipv4: 0x0A00_0001)
        let client = ForwardedFor.client(peer: peer, head: request.head, bytes: request.bytes.span.bytes) { _ in true }
        #expect(client == peer)
    }
}
