import Core
import Testing

@Suite("Client address")
struct ClientAddressTests {
    @Test(
        "an address is read and written in its canonical form (RFC 5952)",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"), ("[::1]", "::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ])
    func good(text: String, canonical: String) {
        let address = ClientAddress(text)
        #expect(address?.description == canonical)
        #expect(address.flatMap { ClientAddress($0.description) } == address)
    }

    @Test(
        "anything else is no address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
            "0x7f.1",
            "127.1", "1..2.3", ".1.2.3.4", "1.2.3.4.", "1.2.3.4:80", "[1.2.3.4]", "[::1]:80", "[::1", "::1]", ":",
            ":::",
            "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
            "12345::", "g::", "fe80::1%eth0", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "unknown",
            "_x",
            "::ffff:192.0.2.01", "0000000000000000000000000000000000000000000001",
        ])
    func bad(text: String) { #expect(ClientAddress(text) == nil) }

    @Test("a mapped IPv4 address is the IPv4 address")
    func mapped() {
        #expect(ClientAddress("::ffff:10.0.0.1") == ClientAddress(ipv4: 0x0A00_0001))
        #expect(ClientAddress("::ffff:10.0.0.1")?.isIPv4 == true)
        #expect(ClientAddress("::10.0.0.1")?.isIPv4 == false)
    }

    @Test(
        "loopback is 127.0.0.0/8 and ::1",
        arguments: [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::2", false), ("128.0.0.1", false)])
    func loopback(text: String, isLoopback: Bool) { #expect(ClientAddress(text)?.isLoopback == isLoopback) }

    @Test(
        "a network keeps the first bits of the address's own family",
        arguments: [
            ("192.0.2.129", 24, "192.0.2.0"), ("192.0.2.129", 0, "0.0.0.0"), ("192.0.2.129", 32, "192.0.2.129"),
            ("2001:db8:1:2:3::", 64, "2001:db8:1:2::"), ("2001:db8:1:2:3::", 48, "2001:db8:1::"),
            ("2001:db8::1", 0, "::"),
            ("2001:db8::1", 128, "2001:db8::1"), ("2001:db8::f", 127, "2001:db8::e"), ("2001:db8::1", 65, "2001:db8::"),
        ])
    func network(text: String, prefix: Int, network: String) {
        #expect(ClientAddress(text)?.network(prefix: prefix).description == network)
    }
}

@Suite("Address range")
struct AddressRangeTests {
    @Test(
        "a range holds its own addresses alone",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
            ("::/0", "203.0.113.9", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::1", "::1", true),
        ])
    func contains(range: String, address: String, isInside: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(ClientAddress(address))
        #expect(range.contains(address) == isInside)
    }

    @Test(
        "anything else is no range",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8",
            "10.0.0.1/8",
            "10/8", "2001:db8::/129", "2001:db8::1/32", "10.0.0.0/255.0.0.0", "example.org",
        ])
    func bad(text: String) { #expect(AddressRange(text) == nil) }
}
