import HTTPWire
import Testing

@Suite("What a PROXY header says of TLS")
struct ProxyHeaderTLSTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let addresses: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 1, 0xC0, 0, 1, 0xBB]

    private func said(_ parts: [UInt8], command: UInt8 = 0x21, family: UInt8 = 0x11) -> Bool? {
        let body = (family == 0x21 ? [UInt8](repeating: 1, count: 36) : Self.addresses) + parts
        let bytes = Self.signature + [command, family, UInt8(body.count >> 8), UInt8(body.count & 255)] + body
        return ProxyHeader.saysTLS(bytes.span.bytes)
    }

    @Test("the part of TLS says so, behind other parts too, in both families")
    func tls() {
        #expect(said([0x20, 0, 5, 1, 0, 0, 0, 0]) == true)
        #expect(said([0x20, 0, 5, 0, 0, 0, 0, 0]) == false)
        #expect(said([0x20, 0, 5, 6, 0, 0, 0, 0]) == false)
        #expect(said([0x01, 0, 2, 0x68, 0x32, 0x20, 0, 5, 7, 0, 0, 0, 0]) == true)
        #expect(said([0x20, 0, 5, 1, 0, 0, 0, 0], family: 0x21) == true)
    }

    @Test("where it is missing, cut short or not the client's, nothing is said")
    func unsaid() {
        #expect(said([]) == nil)
        #expect(said([0x04, 0, 1, 0]) == nil)
        #expect(said([0x20, 0, 0]) == nil)
        #expect(said([0x20, 0, 9, 1, 0]) == nil)
        #expect(said([0x20, 0]) == nil)
        #expect(said([0x20, 0, 5, 1, 0, 0, 0, 0], command: 0x20) == nil)
        #expect(said([0x20, 0, 5, 1, 0, 0, 0, 0], family: 0x00) == nil)
        let line = Array("PROXY TCP4 192.0.2.7 192.0.2.1 49152 443\r\n".utf8)
        #expect(ProxyHeader.saysTLS(line.span.bytes) == nil)
    }
}
