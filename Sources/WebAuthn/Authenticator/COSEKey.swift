import HostCrypto

/// A credential's public key, read from its COSE_Key (RFC 9052 §7) with the parameters that its algorithm has, each in
/// its one form, and no others (WebAuthn L3 §6.5.1.1, §5.8.5).
struct COSEKey: Sendable {
    let algorithm: COSEAlgorithm
    private let verifier: SignatureVerifier

    /// Reads the bytes that were stored at the registration.
    init(stored bytes: [UInt8]) throws(WebAuthnRefusal) {
        try self.init(CBORReader.read(bytes, deepest: CBORReader.deepestMessage))
    }

    /// Reads the item.
    init(_ item: CBORItem) throws(WebAuthnRefusal) {
        guard case .map(let map) = item, case .integer(let number) = map[Label.algorithm] else {
            throw .publicKeyInvalid
        }
        guard let algorithm = Int(exactly: number).flatMap(COSEAlgorithm.init(rawValue:)) else {
            throw .algorithmUnsupported
        }
        guard let material = Self.material(map, algorithm),
            let verifier = SignatureVerifier(material, algorithm.signature)
        else { throw .publicKeyInvalid }
        (self.algorithm, self.verifier) = (algorithm, verifier)
    }

    /// Whether this is the key's signature of the message, in the form of WebAuthn L3 §6.5.5.
    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count <= CeremonyBounds.longestSignature else { return false }
        return verifier.isValid(signature, for: message)
    }

    /// RFC 9052 §7.1, RFC 9053 §7.1, RFC 8230 §4: what is below 0 means something else for each type.
    private enum Label {
        static let keyType: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    private static func material(_ map: CBORMap, _ algorithm: COSEAlgorithm) -> PublicKeyMaterial? {
        switch algorithm {
        case .es256:
            guard let (x, y) = point(map, curve: 1) else { return nil }
            return .p256(x: x, y: y)
        case .es384:
            guard let (x, y) = point(map, curve: 2) else { return nil }
            return .p384(x: x, y: y)
        case .eddsa:
            guard map.count == 4, map[Label.keyType] == .integer(1), map[Label.curve] == .integer(6),
                case .bytes(let key) = map[Label.x]
            else { return nil }
            return .ed25519(key)
        case .rs256:
            // The shortest form of both numbers (RFC 8230 §4).
            guard map.count == 4, map[Label.keyType] == .integer(3), case .bytes(let modulus) = map[Label.modulus],
                case .bytes(let exponent) = map[Label.exponent], let first = modulus.first, first != 0,
                let lead = exponent.first, lead != 0
            else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        }
    }

    /// Two coordinates, uncompressed, of key type EC2.
    private static func point(_ map: CBORMap, curve: Int64) -> ([UInt8], [UInt8])? {
        guard map.count == 5, map[Label.keyType] == .integer(2), map[Label.curve] == .integer(curve),
            case .bytes(let x) = map[Label.x], case .bytes(let y) = map[Label.y]
        else { return nil }
        return (x, y)
    }
}

extension COSEAlgorithm {
    /// The host's name for it.
    var signature: SignatureAlgorithm {
        switch self {
        case .es256: .es256
        case .eddsa: .eddsa
        case .es384: .es384
        case .rs256: .rs256
        }
    }
}
