import CTestTLS
import Core
import Testing

@testable import HostCrypto

@Suite("A key of our own comes with a certificate that it signed itself")
struct SelfSignedPairTests {
    private static let start = WallTime(milliseconds: 1_796_018_027_500)
    private static let day: Int64 = 86_400

    private func pem(_ der: [UInt8]) -> [UInt8] {
        Array("-----BEGIN CERTIFICATE-----\n\(Base64.encode(der, alphabet: .standard))\n".utf8)
            + Array("-----END CERTIFICATE-----\n".utf8)
    }

    @Test("the certificate is well-formed, is the key's, and lasts as long as it was asked to")
    func pair() throws {
        let pair = try SelfSignedPair.makeRSA(commonName: "acme.example.org", notBefore: Self.start, days: 1826)
        let key = pair.key.withBytes { span in
            (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        #expect(key.starts(with: Array("-----BEGIN PRIVATE KEY-----\n".utf8)))
        let both = try CertificatePair(chain: pem(pair.certificate), key: key)
        let first = Self.start.milliseconds / 1000
        #expect(both.names == ["acme.example.org"])
        #expect(both.notBefore == first && both.notAfter == first + 1826 * Self.day)
        let certificate = pair.certificate
        #expect(test_certificate_stands_alone(certificate, certificate.count, first + 1) == 1)
        #expect(test_certificate_stands_alone(certificate, certificate.count, first - 1) == 0)
        #expect(test_certificate_stands_alone(certificate, certificate.count, first + 1826 * Self.day + 1) == 0)
        var other = certificate
        other[other.count - 1] ^= 1
        #expect(test_certificate_stands_alone(other, other.count, first + 1) == 0)
    }

    @Test("every pair is another one")
    func fresh() throws {
        let one = try SelfSignedPair.makeRSA(commonName: "a", notBefore: Self.start, days: 1)
        let two = try SelfSignedPair.makeRSA(commonName: "a", notBefore: Self.start, days: 1)
        let isSame = SecretBytes.isEqual(one.key, two.key)
        #expect(!isSame)
        #expect(one.certificate != two.certificate)
    }

    @Test("a name is cut where a certificate has no more room for it")
    func name() throws {
        let long = String(repeating: "ä", count: SelfSignedPair.longestName + 1)
        let pair = try SelfSignedPair.makeRSA(commonName: long, notBefore: Self.start, days: 1)
        let read = try #require(PeerCertificate(pem: pem(pair.certificate)))
        #expect(read.names == [String(long.dropLast())])
    }

    @Test("a certificate without a name or without an end is not made", arguments: [("", 1), ("a", 0), ("a", 3651)])
    func unusable(name: String, days: Int) {
        #expect(throws: SelfSignedPair.Fault.unusable) {
            _ = try SelfSignedPair.makeRSA(commonName: name, notBefore: Self.start, days: days)
        }
    }
}
