import CXMLSec
import Core
import HostCrypto

/// The public key of a certificate that an operator or a provider's metadata pinned.  The certificate is only its
/// wrapping: nobody's signature on it is looked at, and its dates are for warnings (SAML Metadata Interoperability
/// Profile §2.6.1).
@safe public final class VerificationKey: @unchecked Sendable {
    // `@unchecked`: the key is not changed after `init`, and OpenSSL verifies with one key from many threads.
    // Freed in `deinit` alone.
    let pointer: OpaquePointer
    /// The certificate in DER.
    public let certificate: [UInt8]
    /// Seconds since 1970.
    public let notBefore: Int64
    public let notAfter: Int64
    /// The first eight bytes of the certificate's SHA-256, as people compare them.
    public let fingerprint: String

    /// Why a certificate is not taken.
    public enum Fault: Error, Sendable, Hashable {
        /// It cannot be read, or its key is neither RSA nor elliptic.
        case unreadable
        /// RSA below 2048 bits or above 8192, or a curve below 256 bits.
        case weak(bits: Int)
    }

    /// RSA keys, in bits.
    public static let rsaBits = 2048...8192
    /// Elliptic keys, in bits.
    public static let ellipticBits = 256...521

    /// Reads a certificate in DER.
    public init(certificate: [UInt8]) throws(Fault) {
        guard let key = unsafe gh_xml_key_of_certificate(certificate, certificate.count) else { throw .unreadable }
        let bits = unsafe Int(gh_xml_key_bits(key))
        let bounds = unsafe gh_xml_key_kind(key) == GH_XML_RSA ? Self.rsaBits : Self.ellipticBits
        guard bounds.contains(bits) else {
            unsafe gh_xml_key_free(key)
            throw .weak(bits: bits)
        }
        guard let details = PeerCertificate(pem: Array(PEM.text(certificate).utf8)) else {
            unsafe gh_xml_key_free(key)
            throw .unreadable
        }
        unsafe pointer = key
        self.certificate = certificate
        notBefore = details.notBefore
        notAfter = details.notAfter
        fingerprint = SHA256Digest.bytes(certificate).prefix(8).map { octet in
            String(UnicodeScalar(ASCII.hexadecimalDigit(octet >> 4)))
                + String(UnicodeScalar(ASCII.hexadecimalDigit(octet & 15)))
        }.joined(separator: ":")
    }

    deinit { unsafe gh_xml_key_free(pointer) }

    /// Whether the octets were signed by this key with RSA and SHA-256, 384 or 512; what the Redirect binding asks.
    func isSignature(_ signature: [UInt8], over octets: [UInt8], digest: RedirectDigest) -> Bool {
        let number =
            switch digest {
            case .sha256: GH_XML_SHA256
            case .sha384: GH_XML_SHA384
            case .sha512: GH_XML_SHA512
            }
        return unsafe gh_xml_key_verify(
            pointer, Int32(number), octets, octets.count, signature, signature.count) == 1
    }
}

/// The digests of the Redirect binding's RSA signatures.
enum RedirectDigest { case sha256, sha384, sha512 }

/// PEM around DER (RFC 7468).
enum PEM {
    static func text(_ der: [UInt8]) -> String {
        let body = Array(Base64.encode(der, alphabet: .standard).utf8)
        var lines = "-----BEGIN CERTIFICATE-----\n"
        var index = 0
        while index < body.count {
            lines += String(decoding: body[index..<min(index + 64, body.count)], as: UTF8.self) + "\n"
            index += 64
        }
        return lines + "-----END CERTIFICATE-----\n"
    }
}
