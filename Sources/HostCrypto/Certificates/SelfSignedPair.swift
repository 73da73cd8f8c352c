import COpenSSL
public import Core

/// A new private key and a certificate for it that nobody but itself signed: for where the key alone is trusted, because
/// whoever is to know it was given the certificate by hand or in metadata.
public struct SelfSignedPair: ~Copyable {
    /// PKCS#8 in PEM, without a passphrase.
    public let key: SecretBytes
    /// In DER.
    public let certificate: [UInt8]

    /// Bits of RSA keys: as strong as 128 bits (NIST SP 800-57 part 1, table 2).
    public static let rsaBits = 3072
    /// Characters of a common name that are kept (RFC 5280, ub-common-name).
    public static let longestName = 64
    /// The longest life of a certificate.
    public static let mostDays = 3650

    private static let keyRoom = 8192
    private static let certificateRoom = 4096

    /// Why there is no pair.
    public enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// The name is empty, or the days are below 1 or above `mostDays`.
        case unusable
        /// OpenSSL's words.
        case failed(String)

        public var description: String {
            switch self {
            case .unusable: "a certificate needs a name, and 1 to \(mostDays) days"
            case .failed(let words): "no key could be made: \(words)"
            }
        }
    }

    /// Makes a pair for signatures and for encrypted keys: RSA of 3072 bits, the certificate by SHA-256, no authority.
    ///
    /// It takes a good part of a second of a processor's time.
    /// - Parameters:
    ///   - commonName: what people see; cut after 64 characters.
    ///   - notBefore: fractions of a second are left out.
    ///   - days: from `notBefore` to the end, of 24 hours each.
    /// - Throws: `Fault`.
    public static func makeRSA(commonName: String, notBefore: WallTime, days: Int) throws(Fault) -> SelfSignedPair {
        let name = Array(String(String.UnicodeScalarView(commonName.unicodeScalars.prefix(longestName))).utf8)
        guard !name.isEmpty, (1...mostDays).contains(days) else { throw .unusable }
        let start = notBefore.milliseconds / 1000
        var key = [UInt8](repeating: 0, count: keyRoom)
        var certificate = [UInt8](repeating: 0, count: certificateRoom)
        defer { Wiping.wipe(&key) }
        let counts = unsafe key.withUnsafeMutableBufferPointer { key in
            unsafe certificate.withUnsafeMutableBufferPointer { certificate in
                unsafe name.withUnsafeBytes { name -> (key: Int, certificate: Int)? in
                    // Both have the room that is named, and nothing keeps the pointers.
                    var pair = unsafe gh_self_signed(
                        key: key.baseAddress, key_count: key.count, certificate: certificate.baseAddress,
                        certificate_count: certificate.count)
                    let result = unsafe gh_rsa_self_signed(
                        UInt32(rsaBits), name.baseAddress?.assumingMemoryBound(to: CChar.self), name.count, start,
                        start + Int64(days) * 86_400, &pair)
                    return result == 1 ? unsafe (pair.key_count, pair.certificate_count) : nil
                }
            }
        }
        guard let counts else { throw .failed(TLSServerContext.lastError()) }
        return SelfSignedPair(
            key: SecretBytes(copying: unsafe key.span.extracting(0..<counts.key).bytes),
            certificate: Array(certificate.prefix(counts.certificate)))
    }
}
