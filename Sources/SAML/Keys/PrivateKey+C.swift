import CXMLSec
public import Core

/// An RSA key of ours: it signs what we send, or opens what was encrypted for us.
@safe public final class PrivateKey: @unchecked Sendable {
    // `@unchecked`: the key is not changed after `init`, and OpenSSL uses one key from many threads.
    // Freed in `deinit` alone.
    private let pointer: OpaquePointer

    /// Reads PEM without a passphrase; nil for anything but RSA of 2048 to 8192 bits.
    public init?(pem: borrowing SecretBytes) {
        let read = unsafe pem.withBytes { span in
            unsafe span.withUnsafeBytes { bytes in
                unsafe gh_xml_key_of_pem(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
            }
        }
        guard let key = unsafe read else { return nil }
        let isFit =
            unsafe gh_xml_key_kind(key) == GH_XML_RSA
            && VerificationKey.rsaBits.contains(Int(gh_xml_key_bits(key)))
        guard isFit else {
            unsafe gh_xml_key_free(key)
            return nil
        }
        unsafe pointer = key
    }

    deinit { unsafe gh_xml_key_free(pointer) }

    /// Whether the certificate, in DER, is of this key.
    public func fits(certificate: [UInt8]) -> Bool {
        unsafe gh_xml_key_fits(pointer, certificate, certificate.count) == 1
    }

    /// RSA (PKCS #1 version 1.5) with SHA-256.
    func signature(of octets: [UInt8]) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let result = unsafe gh_xml_key_sign(pointer, octets, octets.count, &bytes, &count)
        precondition(result == 1, "the host's RSA failed")
        defer { unsafe gh_xml_octets_free(bytes, count) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// A document of ours with a signature over its root, which has an `ID`; the certificate goes into the KeyInfo.
    func signed(_ document: String, certificate: [UInt8]?) -> String {
        precondition(gh_xml_prepare() == 1, "the host's libxmlsec1 failed")
        let input = Array(document.utf8)
        let text = certificate.map { Base64.encode($0, alphabet: .standard) }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let result = unsafe gh_xml_sign(input, input.count, pointer, text, &bytes, &count)
        precondition(result == 1, "the host's libxmlsec1 did not sign")
        defer { unsafe gh_xml_octets_free(bytes, count) }
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Opens what was encrypted for this key; nil for whatever fails.
    func open(_ sealed: EncryptedOctets) -> [UInt8]? {
        var cipher = unsafe gh_xml_cipher()
        unsafe cipher.mode = Int32(sealed.cipher.isGCM ? GH_XML_GCM : GH_XML_CBC)
        unsafe cipher.key_bytes = sealed.cipher.keyByteCount
        var label: [UInt8] = []
        switch sealed.transport {
        case .pkcs1: unsafe cipher.transport = Int32(GH_XML_PKCS1)
        case .oaep(let digest, let mask, let bytes):
            unsafe cipher.transport = Int32(GH_XML_OAEP)
            unsafe cipher.digest = digest.number
            unsafe cipher.mask_digest = mask.number
            label = bytes
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let result = unsafe label.withUnsafeBufferPointer { label in
            unsafe cipher.label = label.baseAddress
            unsafe cipher.label_count = label.count
            return unsafe gh_xml_decrypt(
                pointer, &cipher, sealed.wrappedKey, sealed.wrappedKey.count, sealed.octets, sealed.octets.count,
                &bytes, &count)
        }
        guard result == 1 else { return nil }
        defer { unsafe gh_xml_octets_free(bytes, count) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}

extension EncryptedOctets.Digest {
    fileprivate var number: Int32 {
        switch self {
        case .sha1: Int32(GH_XML_SHA1)
        case .sha256: Int32(GH_XML_SHA256)
        case .sha384: Int32(GH_XML_SHA384)
        case .sha512: Int32(GH_XML_SHA512)
        }
    }
}
