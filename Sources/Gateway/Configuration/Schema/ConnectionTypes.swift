import Core

extension NameGrammar {
    /// `[a-z0-9-]{1,63}`: connections.
    static let connection = NameGrammar(
        noun: "a connection's name", allowed: "1 to 63 of a-z, 0-9 and -", pattern: NameGrammar.tenant.pattern,
        isAllowed: NameGrammar.tenant.isAllowed, length: NameGrammar.tenant.length)

    /// A provider's group, or a pattern of groups.
    static let groupPattern = NameGrammar(
        noun: "a group, or a pattern of groups", allowed: "1 to 256 bytes of text, * for any characters",
        pattern: "^[^\\u0000-\\u001F\\u007F]{1,256}$", isAllowed: { $0 >= 0x20 && $0 != 0x7F }, length: 1...256)
}

extension ValueType where Value == String {
    /// An https URL that is fetched: host, port, path and query, without user and fragment.
    static var httpsAddress: ValueType {
        let shape = ScalarShape(
            noun: "a URL", allowed: "https://HOST/PATH, with a query where one is needed; 1024 bytes at most",
            json: .object([("type", .string("string")), ("pattern", .string("^https://[^/?#@]+([/?][^#]*)?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            let rest = try URLText.https(text)
            guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#")
            else { throw ScalarProblem("\(shown) has a fragment, a blank, letters outside ASCII or too many bytes") }
            let (_, port) = try URLText.authority(rest.prefix { $0 != "/" && $0 != "?" }, of: text)
            guard port != 0 else { throw ScalarProblem("\(shown) has port 0") }
            return text
        }
    }

    /// Our own name at a provider (SAML Core §8.3.6: a URI of 1,024 characters at most); or nothing.
    static var entityID: ValueType {
        let shape = ScalarShape(
            noun: "an entity ID",
            allowed: "a URI such as https://app.example.org/saml or urn:example:app, 1024 bytes at most; \"\" for none",
            json: .object([("type", .string("string")), ("pattern", .string("^$|^[A-Za-z][A-Za-z0-9+.-]*:.+$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard !text.isEmpty else { return text }
            guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), isURI(text) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a URI")
            }
            return text
        }
    }

    /// The name of an attribute, as the provider spells it; or nothing.
    static var attributeName: ValueType { text("an attribute's name", bytes: 0...256) }

    /// A name that a standard or a provider gives: printable ASCII without blanks.
    static func identifier(_ noun: String) -> ValueType {
        let shape = ScalarShape(
            noun: noun,
            allowed: "1 to 256 bytes of ASCII without blanks, such as "
                + "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            json: .object([("type", .string("string")), ("pattern", .string("^[!-~]{1,256}$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not \(noun)")
            }
            return text
        }
    }

    /// A scheme (RFC 3986 §3.1), a colon and something behind it.
    private static func isURI(_ text: String) -> Bool {
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        guard let first = scheme.first, scheme.count + 1 < text.utf8.count else { return false }
        func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }
        return isLetter(first)
            && scheme.allSatisfy {
                isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
            }
    }
}

extension ValueType where Value == [Located<RoleName>] {
    /// One role, or a list of roles.
    static var oneOrMoreRoles: ValueType {
        let one = ValueType<RoleName>.roleName.located
        let several = ValueType.locatedSet(of: .roleName, count: 1...100)
        let shape = SchemaShape.either(one.shape, several.shape)
        return ValueType(shape: shape) { node, path, reader in
            switch node.content {
            case .scalar: return one.read(node, path, reader).map { [$0] }
            case .sequence: return several.read(node, path, reader)
            case .mapping, .nothing, .unreadable:
                reader.reportKind(of: node, at: path, expected: shape)
                return nil
            }
        }
    }
}
