/// What every SAML message has in common, found in one walk over it.
struct MessageShape {
    /// The longest ID, in bytes.
    static let longestID = 256

    /// An element that matters, and in which other one it stands.
    struct Found {
        let element: Element
        let parent: Element?
    }

    /// Every Assertion and EncryptedAssertion.
    private(set) var assertions: [Found] = []
    /// Every Signature.
    private(set) var signatures: [Found] = []

    /// Version and ID of the root, every ID in it once, and no value that a comment cuts.
    init(_ root: Element) throws(SAMLRefusal) {
        try Self.checkHead(of: root)
        var seen: Set<String> = []
        var (assertions, signatures): ([Found], [Found]) = ([], [])
        try root.visit { (element, parent) throws(SAMLRefusal) in
            guard !element.hasComment || Element.trimmed(element.text).isEmpty else {
                throw SAMLRefusal(.xmlComment, "a comment stands within the value of \(Trace.quoted(element.name))")
            }
            for attribute in element.attributes where Self.isIdentifier(attribute) {
                guard seen.insert(attribute.value).inserted else {
                    throw SAMLRefusal(.idDuplicate, "the ID \(Trace.quoted(attribute.value)) stands more than once")
                }
            }
            if element.isAssertion {
                assertions.append(Found(element: element, parent: parent))
            } else if element.isNamed("Signature", in: Names.signatureSpace) {
                signatures.append(Found(element: element, parent: parent))
            }
        }
        (self.assertions, self.signatures) = (assertions, signatures)
    }

    /// Version and ID alone, for what was looked at before.
    static func checkHead(of root: Element) throws(SAMLRefusal) {
        guard root.attribute("Version") == "2.0" else {
            throw SAMLRefusal(
                .versionUnsupported,
                "the version of \(root.name) is \(Trace.quoted(root.attribute("Version") ?? "")), not \"2.0\"")
        }
        try checkID(of: root)
    }

    /// An ID that a signature can name is an NCName of ASCII.
    static func checkID(of element: Element) throws(SAMLRefusal) {
        guard let id = element.attribute("ID"), isName(id) else {
            throw SAMLRefusal(
                .idMalformed,
                "the ID of \(element.name) is \(Trace.quoted(element.attribute("ID") ?? "")), which is no xs:ID")
        }
    }

    /// For each owner its signature, a direct child; nil where it has none.
    func signatures(of owners: [Element]) throws(SAMLRefusal) -> [Element?] {
        var found: [Element?] = owners.map { _ in nil }
        for signature in signatures {
            guard let owner = owners.firstIndex(where: { $0 === signature.parent }) else {
                let place = Trace.quoted(signature.parent?.name ?? "nothing")
                throw SAMLRefusal(
                    .signatureMisplaced, "a signature stands within \(place), not directly in what it signs")
            }
            guard found[owner] == nil else {
                throw SAMLRefusal(.signatureRepeated, "\(owners[owner].name) has several signatures; one is allowed")
            }
            found[owner] = signature.element
        }
        return found
    }

    /// `ID` of SAML, `Id` of signatures and encryption, `id` and `xml:id`: whatever some library takes for an ID.
    private static func isIdentifier(_ attribute: Element.Attribute) -> Bool {
        attribute.name.utf8.count == 2 && attribute.name.lowercased() == "id"
    }

    private static func isName(_ text: String) -> Bool {
        let octets = text.utf8
        guard let first = octets.first, octets.count <= longestID else { return false }
        func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) || octet == UInt8(ascii: "_") }
        return isLetter(first)
            && octets.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }
}

extension Element {
    fileprivate var isAssertion: Bool {
        space == Names.assertionSpace && (name == "Assertion" || name == "EncryptedAssertion")
    }
}
