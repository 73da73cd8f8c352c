import COpenSSL

/// The certificate with which an authenticator's maker vouches for a model (WebAuthn L3 §8.2.1).
///
/// Says what stands in it; nothing here is proven, and no chain is followed.
public struct AttestationCertificate: Sendable {
    /// `id-fido-gen-ce-aaguid`.
    private static let aaguidIdentifier = "1.3.6.1.4.1.45724.1.1.4"
    /// Values of one kind in the subject that are kept.
    private static let mostValues = 8

    /// The version as X.509 counts it: 3 is the newest.
    public let version: Int
    /// The subject's values of each kind, in their order; most have one.
    public let countries: [String]
    public let organizations: [String]
    public let organizationalUnits: [String]
    public let commonNames: [String]
    /// Whether it may sign certificates; nil without (readable) basic constraints.
    public let isCA: Bool?
    /// The 16 bytes of the extension `id-fido-gen-ce-aaguid`; nil where it is missing.
    public let aaguidExtension: [UInt8]?
    private let key: ForeignPublicKey

    /// Nil where the bytes are not one certificate in DER, where its key cannot be read, and where the AAGUID's
    /// extension is critical, stands twice or does not hold an OCTET STRING of 16 bytes.
    public init?(der: [UInt8]) {
        defer { ERR_clear_error() }
        guard let certificate = unsafe gh_certificate_read_der(der, der.count) else { return nil }
        // Freed on every way out; nothing keeps it.
        defer { unsafe X509_free(certificate) }
        guard let key = unsafe X509_get_pubkey(certificate) else { return nil }
        self.key = unsafe ForeignPublicKey(taking: key)
        version = unsafe X509_get_version(certificate) + 1
        unsafe countries = Self.values(of: certificate, NID_countryName)
        unsafe organizations = Self.values(of: certificate, NID_organizationName)
        unsafe organizationalUnits = Self.values(of: certificate, NID_organizationalUnitName)
        unsafe commonNames = Self.values(of: certificate, NID_commonName)
        let authority = unsafe gh_certificate_is_authority(certificate)
        isCA = authority < 0 ? nil : authority == 1
        var isCritical: Int32 = 0
        var value = [UInt8](repeating: 0, count: 18)
        // `value` has the capacity named.
        let count = unsafe gh_certificate_extension(
            certificate, Self.aaguidIdentifier, &isCritical, &value, value.count)
        if count == -1 {
            aaguidExtension = nil
            return
        }
        // The value is wrapped in an OCTET STRING of its own.
        guard count == 18, isCritical == 0, value[0] == 0x04, value[1] == 16 else { return nil }
        aaguidExtension = Array(value[2...])
    }

    /// Whether this is the signature of the message by the certificate's key; false where the key is not of the
    /// algorithm.
    public func verifies(_ signature: [UInt8], for message: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
        guard let verifier = SignatureVerifier(key, algorithm) else { return false }
        return verifier.isValid(signature, for: message)
    }

    private static func values(of certificate: OpaquePointer, _ kind: Int32) -> [String] {
        var values: [[UInt8]] = []
        unsafe withUnsafeMutablePointer(to: &values) { target in
            // `take` is called only while the function runs, and `values` outlives that.
            unsafe gh_certificate_subject(certificate, kind, take, target)
        }
        return values.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Adds the bytes to the array of arrays that `argument` points to.
    private static let take: @convention(c) (UnsafePointer<CChar>?, Int, UnsafeMutableRawPointer?) -> Void = {
        bytes, count, argument in
        guard let bytes = unsafe bytes, let argument = unsafe argument else { return }
        let list = unsafe argument.assumingMemoryBound(to: [[UInt8]].self)
        guard unsafe list.pointee.count < mostValues else { return }
        unsafe list.pointee.append(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    }
}
