import HostCrypto
import TestAuthenticator
import Testing

@Suite("Certificates of authenticators")
struct AttestationCertificateTests {
    static let message = Array("what was signed".utf8)

    private func read(_ change: (inout TestKey.Certificate) -> Void = { _ in }) -> AttestationCertificate? {
        var content = TestKey.Certificate()
        change(&content)
        return AttestationCertificate(der: TestKey(.p256).certificate(content))
    }

    @Test("what stands in it is read")
    func content() throws {
        let certificate = try #require(read { $0.organization = "Schlüsselmacher" })
        #expect(certificate.version == 3)
        #expect(certificate.countries == ["CH"])
        #expect(certificate.organizations == ["Schlüsselmacher"])
        #expect(certificate.organizationalUnits == ["Authenticator Attestation"])
        #expect(certificate.commonNames == ["Model 1"])
        #expect(certificate.isCA == false)
        #expect(certificate.aaguidExtension == nil)
    }

    @Test("what is missing, repeated or different is told")
    func differences() throws {
        let bare = try #require(
            read {
                $0.version = 1
                $0.country = nil
                $0.organization = nil
                $0.unit = nil
                $0.commonName = nil
                $0.isAuthority = nil
            })
        #expect(bare.version == 1)
        #expect(bare.countries.isEmpty && bare.organizations.isEmpty && bare.commonNames.isEmpty)
        #expect(bare.organizationalUnits.isEmpty)
        #expect(bare.isCA == nil)
        #expect(try #require(read { $0.isAuthority = true }).isCA == true)
        #expect(try #require(read { $0.secondUnit = "B" }).organizationalUnits == ["Authenticator Attestation", "B"])
    }

    @Test("the AAGUID is in an OCTET STRING of its own, uncritical, or the certificate is none")
    func aaguid() throws {
        let octets = [UInt8](1...16)
        #expect(try #require(read { $0.aaguidExtension = [0x04, 0x10] + octets }).aaguidExtension == octets)
        let wrong: [[UInt8]] = [
            octets, [0x04, 0x10] + octets.dropLast(), [0x04, 0x11] + octets, [0x03, 0x10] + octets, [], [0x04],
            [0x04, 0x10] + octets + [0], [UInt8](repeating: 4, count: 2000),
        ]
        for wrong in wrong {
            #expect(read { $0.aaguidExtension = wrong } == nil)
        }
        #expect(
            read {
                $0.aaguidExtension = [0x04, 0x10] + octets
                $0.isAAGUIDCritical = true
            } == nil)
    }

    @Test("bytes that are not one certificate are refused, cut off anywhere or with a byte more")
    func malformed() {
        let der = TestKey(.p256).certificate()
        #expect(AttestationCertificate(der: der) != nil)
        #expect(AttestationCertificate(der: der + [0]) == nil)
        for count in 0..<der.count { #expect(AttestationCertificate(der: Array(der[..<count])) == nil) }
    }

    @Test("its key verifies, under its own algorithm alone")
    func signatures() throws {
        for (kind, algorithm) in SignatureVerifierTests.kinds {
            let key = SignatureVerifierTests.key(kind)
            let certificate = try #require(AttestationCertificate(der: key.certificate()))
            let signature = key.signature(of: Self.message)
            #expect(certificate.verifies(signature, for: Self.message, algorithm: algorithm))
            #expect(!certificate.verifies(signature, for: Self.message + [0], algorithm: algorithm))
            for other in SignatureAlgorithm.allCases where other != algorithm {
                #expect(!certificate.verifies(signature, for: Self.message, algorithm: other))
            }
        }
        let short = try #require(AttestationCertificate(der: TestKey.rsa1024.certificate()))
        let signature = TestKey.rsa1024.signature(of: Self.message)
        #expect(!short.verifies(signature, for: Self.message, algorithm: .rs256))
    }
}
