/// What a registration gives (WebAuthn L3 §6.5.4): authenticator data, and a statement of some format about them.
struct AttestationObject: Sendable {
    /// Letters of a format's name (RFC 8809 §2.1).
    static let longestFormat = 32

    /// The format's name, printable US-ASCII.
    let format: String
    /// A map, or for `compound` an array.
    let statement: CBORItem
    /// The authenticator data as they were signed, and as they were read.
    let authenticatorBytes: [UInt8]
    let authenticatorData: AuthenticatorData
    /// The new credential, without which a registration's data are none.
    let credential: AuthenticatorData.AttestedCredential

    /// Reads the CBOR and the authenticator data within (§7.1 step 13).
    init(reading bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= CeremonyBounds.longestAttestationObject else { throw .attestationObjectTooLong }
        let item = try CBORReader.read(bytes, deepest: CBORReader.deepestAttestationObject)
        guard case .map(let map) = item, map.count == 3, case .text(let name) = map["fmt"],
            let statement = map["attStmt"], case .bytes(let authenticatorBytes) = map["authData"],
            (1...Self.longestFormat).contains(name.count), name.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .attestationObjectMalformed }
        switch statement {
        case .map, .array: break
        default: throw .attestationObjectMalformed
        }
        format = String(decoding: name, as: UTF8.self)
        self.statement = statement
        self.authenticatorBytes = authenticatorBytes
        authenticatorData = try AuthenticatorData(reading: authenticatorBytes)
        guard let credential = authenticatorData.attested else { throw .authenticatorDataMalformed }
        self.credential = credential
    }

    /// Verifies the statement by its format's procedure (§7.1 steps 21 and 22).  A format without one here proves
    /// nothing, whatever it says: it is told apart from none, because the caller's rule may.
    func attestation(of key: COSEKey, clientDataHash: [UInt8]) throws(WebAuthnRefusal) -> Attestation {
        switch format {
        case "none":
            // §8.7: an empty map.
            guard case .map(let map) = statement, map.count == 0 else { throw .attestationInvalid }
            return .none
        case "packed":
            return try PackedStatement(statement)
                .verify(authenticatorBytes + clientDataHash, key: key, aaguid: credential.aaguid)
        default:
            return .unattested
        }
    }
}
