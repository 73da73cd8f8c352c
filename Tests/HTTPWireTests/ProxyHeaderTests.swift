import Core
import HTTPWire
import Testing

@Suite("PROXY header")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    private func read(_ text: String) -> ProxyHeader.Outcome { ProxyHeader.read(Array(text.utf8).span.bytes) }

    private func read(_ tail: [UInt8]) -> ProxyHeader.Outcome { ProxyHeader.read((Self.signature + tail).span.bytes) }

    private func address(_ text: String) throws -> ClientAddress { try #require(ClientAddress(text)) }

    @Test("version 1 names the client; what follows is not read")
    func line() throws {
        let four = "PROXY TCP4 192.0.2.7 192.0.2.1 49152 443\r\n"
        #expect(read(four + "\u{16}rest") == .complete(length: four.utf8.count, client: try address("192.0.2.7")))
        let six = "PROXY TCP6 2001:db8::7 2001:db8::1 0 65535\r\n"
        #expect(read(six) == .complete(length: six.utf8.count, client: try address("2001:db8::7")))
        for unknown in ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN a b c d\r\n"] {
            #expect(read(unknown) == .complete(length: unknown.utf8.count, client: nil))
        }
    }

    @Test(
        "a line that says it another way is malformed",
        arguments: [
            "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "proxy TCP4 192.0.2.7 192.0.2.1 1 2\r\n", "PROXY\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n", "PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n", "PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n",
            "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n", "PROXY TCP6 192.0.2.7 192.0.2.1 1 2\r\n",
            "PROXY TCP4 192.0.2.07 192.0.2.1 1 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 01 2\r\n",
            "PROXY TCP4 192.0.2.7 192.0.2.1 65536 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 -1 2\r\n",
            "PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n", "PROXY " + String(repeating: "x", count: 200),
        ])
    func malformedLine(text: String) { #expect(read(text) == .malformed) }

    @Test("version 2 names the client, with whatever a balancer adds; LOCAL is the balancer itself")
    func binary() throws {
        let four: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 1, 0xC0, 0, 1, 0xBB]
        #expect(read([0x21, 0x11, 0, 12] + four + [0x16]) == .complete(length: 28, client: try address("192.0.2.7")))
        let added = read([0x21, 0x11, 0, 17] + four + [4, 0, 2, 0, 0])
        #expect(added == .complete(length: 33, client: try address("192.0.2.7")))
        let six: [UInt8] = [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
        let ends = six + [UInt8](repeating: 1, count: 20)
        #expect(read([0x21, 0x21, 0, 36] + ends) == .complete(length: 52, client: try address("2001:db8::7")))
        #expect(read([0x20, 0x00, 0, 0]) == .complete(length: 16, client: nil))
        #expect(read([0x20, 0x11, 0, 12] + four) == .complete(length: 28, client: nil))
        #expect(read([0x21, 0x00, 0, 3, 1, 2, 3]) == .complete(length: 19, client: nil))
    }

    @Test("a version 2 that cannot be believed is malformed")
    func malformedBinary() {
        let four: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 1, 0xC0, 0, 1, 0xBB]
        for head: [UInt8] in [
            [0x11, 0x11, 0, 12], [0x22, 0x11, 0, 12], [0x21, 0x12, 0, 12], [0x21, 0x31, 0, 12], [0x21, 0x11, 0, 11],
            [0x21, 0x21, 0, 12], [0x21, 0x11, 8, 0],
        ] { #expect(read(head + four) == .malformed, "\(head)") }
        #expect(read([0x21, 0x11, 0, 12]) == .incomplete)
    }
}
