import HostCrypto
import Testing

@Suite("Certificates and keys")
struct CertificatePairTests {
    private func fault(_ chain: [UInt8], _ key: [UInt8]) -> CertificatePair.Fault? {
        do throws(CertificatePair.Fault) {
            _ = try CertificatePair(chain: chain, key: key)
            return nil
        } catch {
            return error
        }
    }

    @Test("a pair that fits is read with its names and times")
    func fits() throws {
        let pair = try TLSVectors.pair("first")
        #expect(pair.names == ["app.example.org", "alt.example.org"])
        #expect(pair.notAfter - pair.notBefore == 36_500 * 86_400)
        #expect(try TLSVectors.pair("wildcard").names == ["*.example.org", "*.example.net"])
        #expect(try TLSVectors.pair("rsa").names == ["rsa.example.org"])
        #expect(fault(try TLSVectors.bytes("chain.crt.txt"), try TLSVectors.bytes("first.key.txt")) == nil)
    }

    @Test("each fault is told by its name")
    func faults() throws {
        let (chain, key) = (try TLSVectors.bytes("first.crt.txt"), try TLSVectors.bytes("first.key.txt"))
        #expect(fault([], key) == .noCertificate)
        #expect(fault(Array("hello".utf8), key) == .noCertificate)
        #expect(fault(key, key) == .noCertificate)
        #expect(fault(Array(chain.prefix(chain.count / 2)), key) == .noCertificate)
        #expect(fault(chain, []) == .noKey)
        #expect(fault(chain, chain) == .noKey)
        #expect(fault(chain, try TLSVectors.bytes("encrypted.key.txt")) == .noKey)
        #expect(fault(chain, try TLSVectors.bytes("exact.key.txt")) == .mismatch)
        #expect(fault(chain, try TLSVectors.bytes("rsa.key.txt")) == .mismatch)
    }

    @Test("an issuer that cannot be read is told, not left out")
    func brokenChain() throws {
        guard
            case .refused(let words) = fault(
                try TLSVectors.bytes("broken-chain.crt.txt"), try TLSVectors.bytes("first.key.txt"))
        else {
            Issue.record("the broken chain was taken")
            return
        }
        #expect(!words.isEmpty)
    }

    @Test("a fault leaves nothing behind that the next session could stumble over")
    func errorQueue() throws {
        let context = try TLSVectors.context()
        let pair = try #require(TLSPair(context))
        pair.shakeHands()
        #expect(pair.isAgreed)
        _ = fault([], [])
        _ = fault(try TLSVectors.bytes("broken-chain.crt.txt"), try TLSVectors.bytes("first.key.txt"))
        _ = fault(try TLSVectors.bytes("first.crt.txt"), try TLSVectors.bytes("encrypted.key.txt"))
        #expect(pair.client.write([1, 2, 3]))
        pair.deliver(pair.client.take())
        #expect(pair.progress == .wantsMore)
        #expect(pair.plain == [1, 2, 3])
    }
}
