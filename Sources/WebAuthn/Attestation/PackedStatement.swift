import HostCrypto

/// A statement of the format `packed` (WebAuthn L3 §8.2).
struct PackedStatement: Sendable {
    /// Certificates of a chain; only the first is read.
    static let mostCertificates = 8

    private let algorithm: COSEAlgorithm
    private let signature: [UInt8]
    /// The authenticator's certificate in DER; nil for self attestation.
    private let certificate: [UInt8]?

    /// Step 1: the syntax, and nothing besides it.
    init(_ statement: CBORItem) throws(WebAuthnRefusal) {
        guard case .map(let map) = statement, case .integer(let number) = map["alg"],
            case .bytes(let signature) = map["sig"], signature.count <= CeremonyBounds.longestSignature
        else { throw .attestationInvalid }
        if let chain = map["x5c"] {
            guard map.count == 3, case .array(let items) = chain, items.count <= Self.mostCertificates,
                case .bytes(let first) = items.first
            else { throw .attestationInvalid }
            for item in items {
                guard case .bytes = item else { throw .attestationInvalid }
            }
            certificate = first
        } else {
            guard map.count == 2 else { throw .attestationInvalid }
            certificate = nil
        }
        guard let algorithm = Int(exactly: number).flatMap(COSEAlgorithm.init(rawValue:)) else {
            throw .algorithmUnsupported
        }
        self.algorithm = algorithm
        self.signature = signature
    }

    /// Steps 2 and 3: who signed the authenticator data and the hash of the client data.
    func verify(_ signed: [UInt8], key: COSEKey, aaguid: AAGUID) throws(WebAuthnRefusal) -> Attestation {
        guard let certificate else {
            // Self attestation: by the credential's own key, under its algorithm.
            guard algorithm == key.algorithm, key.isValid(signature, for: signed) else { throw .attestationInvalid }
            return .selfAttested
        }
        guard let certificate = AttestationCertificate(der: certificate),
            certificate.verifies(signature, for: signed, algorithm: algorithm.signature),
            Self.isAuthenticators(certificate),
            // Where the certificate names a model, it is the one that the authenticator names.
            certificate.aaguidExtension == nil || certificate.aaguidExtension == aaguid.octets
        else { throw .attestationInvalid }
        return .attested
    }

    /// What a certificate of an authenticator has (§8.2.1); that the AAGUID's extension is not critical, its reading
    /// has found.
    private static func isAuthenticators(_ certificate: AttestationCertificate) -> Bool {
        certificate.version == 3
            && certificate.countries.count == 1
            && certificate.countries.allSatisfy { country in
                country.utf8.count == 2 && country.utf8.allSatisfy { (0x41...0x5A).contains($0) }
            }
            && certificate.organizations.contains { !$0.isEmpty }
            && certificate.organizationalUnits.map { Array($0.utf8) } == [Array("Authenticator Attestation".utf8)]
            && certificate.commonNames.contains { !$0.isEmpty }
            && certificate.isCA == false
    }
}
