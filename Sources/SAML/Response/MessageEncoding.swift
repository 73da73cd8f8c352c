import Core

/// Base64 as the POST binding has it (SAML Bindings §3.5.4): strict, but for line ends, which MIME allows.
enum MessageEncoding {
    /// What a field may have: the bound of a document in base64, with line ends.
    static let longestField = (XMLBounds.message.bytes + 2) / 3 * 4 * 78 / 76 + 4

    static func decode(_ field: [UInt8]) throws(SAMLRefusal) -> [UInt8] {
        guard field.count <= longestField else {
            throw SAMLRefusal(
                .messageTooLarge, "the message has \(field.count) bytes of base64; at most \(longestField) are allowed")
        }
        guard let octets = Base64.decode(field.filter { $0 != 0x0D && $0 != 0x0A }, alphabet: .standard),
            !octets.isEmpty
        else { throw SAMLRefusal(.base64Malformed, "the message is not base64") }
        return octets
    }

    /// Base64 within XML, where any blanks may stand (xs:base64Binary); nil where it is none.
    static func decode(value: String) -> [UInt8]? {
        let octets = value.utf8.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        return octets.isEmpty ? nil : Base64.decode(octets, alphabet: .standard)
    }
}
