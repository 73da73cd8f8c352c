import CTestKeys

/// A key pair of any kind, right or wrong, for tests.
public final class TestKey: @unchecked Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"
        case secp256k1
        case ed25519 = "ED25519"
        case ed448 = "ED448"
        case rsa = "RSA"
    }

    /// One of each bit count is enough, and the longer ones take their time.
    public static let rsa2048 = TestKey(.rsa, bits: 2048)
    public static let rsa1024 = TestKey(.rsa, bits: 1024)

    public let kind: Kind
    /// x, the modulus, or the raw key.
    public let first: [UInt8]
    /// y, the exponent, or nothing.
    public let second: [UInt8]
    private let key: OpaquePointer

    public init(_ kind: Kind, bits: UInt32 = 2048) {
        guard let key = test_key_new(kind.rawValue, bits) else { preconditionFailure("no key of \(kind)") }
        var (first, second) = ([UInt8](repeating: 0, count: 1024), [UInt8](repeating: 0, count: 1024))
        var (firstCount, secondCount) = (0, 0)
        precondition(test_key_public(key, &first, &firstCount, &second, &secondCount) == 1)
        self.kind = kind
        self.key = key
        self.first = Array(first.prefix(firstCount))
        self.second = Array(second.prefix(secondCount))
    }

    deinit { test_key_free(key) }

    /// The digest that goes with the kind; nil for EdDSA.
    var digest: String? {
        switch kind {
        case .p256, .secp256k1, .rsa: "SHA256"
        case .p384: "SHA384"
        case .p521: "SHA512"
        case .ed25519, .ed448: nil
        }
    }

    /// Signs with the kind's own digest, or another.
    public func signature(of message: [UInt8], digest: String? = nil) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 1024)
        let count = test_key_sign(key, digest ?? self.digest, message, message.count, &signature, signature.count)
        precondition(count > 0, "no signature by \(kind)")
        return Array(signature.prefix(count))
    }

    /// What a certificate of an authenticator says; the defaults are right.
    public struct Certificate: Sendable {
        public var version = 3
        public var country: String? = "CH"
        public var organization: String? = "Makers of keys"
        public var unit: String? = "Authenticator Attestation"
        public var secondUnit: String?
        public var commonName: String? = "Model 1"
        public var isAuthority: Bool? = false
        /// The value of the AAGUID's extension, with its own wrapping.
        public var aaguidExtension: [UInt8]?
        public var isAAGUIDCritical = false

        public init() {}
    }

    /// The certificate in DER, signed by the key itself.
    public func certificate(_ content: Certificate = Certificate()) -> [UInt8] {
        var der = [UInt8](repeating: 0, count: 4096)
        let count = withText(content.country) { country in
            withText(content.organization) { organization in
                withText(content.unit) { unit in
                    withText(content.secondUnit) { secondUnit in
                        withText(content.commonName) { commonName in
                            withBytes(content.aaguidExtension) { aaguid in
                                var made = test_certificate(
                                    version: content.version, country: country, organization: organization,
                                    unit: unit, second_unit: secondUnit, common_name: commonName,
                                    is_authority: content.isAuthority.map { $0 ? 1 : 0 } ?? -1, aaguid: aaguid,
                                    aaguid_count: content.aaguidExtension?.count ?? 0,
                                    is_aaguid_critical: content.isAAGUIDCritical ? 1 : 0)
                                return test_certificate_make(key, digest, &made, &der, der.count)
                            }
                        }
                    }
                }
            }
        }
        precondition(count > 0, "no certificate for \(kind)")
        return Array(der.prefix(count))
    }

    private func withText(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Int) -> Int {
        guard let text else { return body(nil) }
        return text.withCString(body)
    }

    private func withBytes(_ bytes: [UInt8]?, _ body: (UnsafePointer<UInt8>?) -> Int) -> Int {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
