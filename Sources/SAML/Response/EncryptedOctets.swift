/// Something encrypted for us, read from an EncryptedAssertion (SAML Core §2.3.4, XML Encryption 1.1 §3 and §5).
struct EncryptedOctets {
    /// AES: GCM keeps what it hides unchanged, CBC does not.
    struct Cipher: Equatable {
        let isGCM: Bool
        /// 16, 24 or 32.
        let keyByteCount: Int
    }

    enum Digest { case sha1, sha256, sha384, sha512 }

    /// How the key came.
    enum Transport {
        /// RSA-OAEP; SHA-1 within it is no weakness, as nothing there needs collisions to be hard.
        case oaep(digest: Digest, mask: Digest, label: [UInt8])
        /// RSA 1.5, whose padding can be asked about (Bleichenbacher).
        case pkcs1
    }

    let cipher: Cipher
    let transport: Transport
    let wrappedKey: [UInt8]
    let octets: [UInt8]

    private static let ciphers: [String: Cipher] = [
        "http://www.w3.org/2009/xmlenc11#aes128-gcm": Cipher(isGCM: true, keyByteCount: 16),
        "http://www.w3.org/2009/xmlenc11#aes192-gcm": Cipher(isGCM: true, keyByteCount: 24),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm": Cipher(isGCM: true, keyByteCount: 32),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc": Cipher(isGCM: false, keyByteCount: 16),
        "http://www.w3.org/2001/04/xmlenc#aes192-cbc": Cipher(isGCM: false, keyByteCount: 24),
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc": Cipher(isGCM: false, keyByteCount: 32),
    ]
    private static let digests: [String: Digest] = [
        "http://www.w3.org/2000/09/xmldsig#sha1": .sha1, "http://www.w3.org/2001/04/xmlenc#sha256": .sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384": .sha384, "http://www.w3.org/2001/04/xmlenc#sha512": .sha512,
    ]
    private static let masks: [String: Digest] = [
        "http://www.w3.org/2009/xmlenc11#mgf1sha1": .sha1, "http://www.w3.org/2009/xmlenc11#mgf1sha256": .sha256,
        "http://www.w3.org/2009/xmlenc11#mgf1sha384": .sha384, "http://www.w3.org/2009/xmlenc11#mgf1sha512": .sha512,
    ]
    private static let oaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
    private static let oaep11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
    private static let pkcs1 = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"

    /// Reads the element; the EncryptedKey stands within the EncryptedData or beside it.
    /// - Parameter recipient: our entity ID, for providers that encrypt for several.
    init(_ element: Element, recipient: String) throws(SAMLRefusal) {
        guard let data = try element.child("EncryptedData", in: Names.encryptionSpace) else {
            throw Self.malformed("it has no EncryptedData")
        }
        if let type = data.attribute("Type"), type != Names.elementType {
            throw Self.malformed("what was encrypted is \(Trace.quoted(type)), not an element")
        }
        let method = try Self.method(of: data)
        guard let cipher = Self.ciphers[method.attribute("Algorithm") ?? ""], Self.hasNoParameters(method) else {
            throw Self.refused(method)
        }
        self.cipher = cipher
        let key = try Self.key(for: data, beside: element, recipient: recipient)
        transport = try Self.transport(try Self.method(of: key))
        wrappedKey = try Self.octets(of: key)
        octets = try Self.octets(of: data)
    }

    private static func malformed(_ words: String) -> SAMLRefusal {
        SAMLRefusal(.encryptionMalformed, "the encrypted assertion cannot be read: \(words)")
    }

    private static func refused(_ method: Element) -> SAMLRefusal {
        SAMLRefusal(
            .encryptionMethodRefused,
            "the encryption \(Trace.quoted(method.attribute("Algorithm") ?? "")) is not taken; AES-GCM with RSA-OAEP is"
        )
    }

    private static func method(of element: Element) throws(SAMLRefusal) -> Element {
        guard let method = try element.child("EncryptionMethod", in: Names.encryptionSpace) else {
            throw malformed("\(element.name) names no algorithm")
        }
        return method
    }

    /// The size of the key is in the algorithm's name; nothing else may be said.
    private static func hasNoParameters(_ method: Element) -> Bool {
        method.children.allSatisfy { $0.isNamed("KeySize", in: Names.encryptionSpace) }
    }

    private static func key(
        for data: Element, beside element: Element, recipient: String
    ) throws(SAMLRefusal) -> Element {
        let info = try data.child("KeyInfo", in: Names.signatureSpace)
        let within = info?.children("EncryptedKey", in: Names.encryptionSpace) ?? []
        let all = within + element.children("EncryptedKey", in: Names.encryptionSpace)
        let ours = all.filter { $0.attribute("Recipient").map { $0 == recipient } ?? true }
        guard ours.count == 1 else { throw malformed("it has \(ours.count) keys for us; one is expected") }
        return ours[0]
    }

    private static func transport(_ method: Element) throws(SAMLRefusal) -> Transport {
        let name = method.attribute("Algorithm") ?? ""
        guard name != pkcs1 else { return .pkcs1 }
        guard name == oaep || name == oaep11 else { throw refused(method) }
        var (digest, mask, label): (Digest, Digest, [UInt8]) = (.sha1, .sha1, [])
        if let element = try method.child("DigestMethod", in: Names.signatureSpace) {
            guard let named = digests[element.attribute("Algorithm") ?? ""] else { throw refused(element) }
            digest = named
        }
        if name == oaep11, let element = try method.child("MGF", in: Names.encryption11Space) {
            guard let named = masks[element.attribute("Algorithm") ?? ""] else { throw refused(element) }
            mask = named
        }
        if let element = try method.child("OAEPparams", in: Names.encryptionSpace) {
            guard let bytes = MessageEncoding.decode(value: try element.value()) else {
                throw malformed("OAEPparams is not base64")
            }
            label = bytes
        }
        return .oaep(digest: digest, mask: mask, label: label)
    }

    private static func octets(of element: Element) throws(SAMLRefusal) -> [UInt8] {
        guard
            let value = try element.child("CipherData", in: Names.encryptionSpace)?
                .child("CipherValue", in: Names.encryptionSpace)
        else { throw malformed("\(element.name) has no value") }
        guard let octets = MessageEncoding.decode(value: try value.value()) else {
            throw malformed("the value of \(element.name) is not base64")
        }
        return octets
    }
}

extension ResponseRun {
    /// Opens an EncryptedAssertion and parses what was in it as a document of its own.
    ///
    /// Whatever fails after the algorithms were looked at is one refusal: a key that does not unwrap, a tag that is not
    /// right, a padding that is none, a text that is no document.
    /// - Parameter isCovered: it came within a response whose signature was verified.
    mutating func opened(_ element: Element, isCovered: Bool) throws(SAMLRefusal) -> XMLDocument {
        let sealed = try EncryptedOctets(element, recipient: expected.entityID)
        try checkMethods(sealed, isCovered: isCovered)
        guard !expected.decryptionKeys.isEmpty else {
            throw SAMLRefusal(.decryptionKeyMissing, "the assertion is encrypted, and there is no key to open it with")
        }
        for key in expected.decryptionKeys {
            guard let plain = key.open(sealed) else { continue }
            guard let document = try? XMLDocument(parsing: plain, .message) else { break }
            trace.passed("the assertion was encrypted for us")
            return document
        }
        throw SAMLRefusal(
            .decryptionFailed, "the assertion was not encrypted for any key of ours, or not as a document")
    }

    private func checkMethods(_ sealed: EncryptedOctets, isCovered: Bool) throws(SAMLRefusal) {
        guard expected.algorithms != .insecureLegacy else { return }
        if case .pkcs1 = sealed.transport {
            throw SAMLRefusal(.encryptionMethodRefused, "the key came by RSA 1.5, which is not taken; RSA-OAEP is")
        }
        guard sealed.cipher.isGCM || isCovered else {
            throw SAMLRefusal(
                .encryptionMethodRefused,
                "the assertion is encrypted with AES-CBC in a response that is not signed; AES-GCM is taken")
        }
    }
}
