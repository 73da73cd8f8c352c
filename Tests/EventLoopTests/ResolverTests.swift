import EventLoop
import Testing

@Suite("Resolver: addresses in text form")
struct ResolverTests {
    @Test(
        "an address resolves to itself",
        arguments: [
            ("127.0.0.1", UInt64(0), UInt64(0xFFFF_7F00_0001)), ("192.0.2.255", 0, 0xFFFF_C000_02FF), ("::1", 0, 1),
            ("2001:db8::1:2", 0x2001_0DB8_0000_0000, 0x1_0002), ("::ffff:10.0.0.1", 0, 0xFFFF_0A00_0001),
        ])
    func addresses(_ text: String, _ high: UInt64, _ low: UInt64) {
        #expect(Resolver.addresses(of: text, port: 81) == [SocketAddress(high: high, low: low, port: 81)])
    }

    @Test(
        "what is no name has no address",
        arguments: ["", "127.0.0.1\u{0}.example", "not a name", "256.1.1.1.1", "[::1]"])
    func nothing(_ text: String) { #expect(Resolver.addresses(of: text, port: 1).isEmpty) }
}
