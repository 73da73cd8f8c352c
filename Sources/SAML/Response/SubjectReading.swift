/// Reads the subject's name and attributes.
enum SubjectReading {
    /// Bytes of a name (SAML Core §8.3.7 has 256 characters).
    static let longestName = 1024

    static func nameID(of subject: Element) throws(SAMLRefusal) -> VerifiedAssertion.NameID {
        guard let element = try subject.child("NameID", in: Names.assertionSpace) else {
            let names = subject.children.map { Trace.quoted($0.name) }.joined(separator: ", ")
            throw SAMLRefusal(.nameIDMissing, "the subject has no NameID, but \(names)")
        }
        return try nameID(element)
    }

    static func nameID(_ element: Element) throws(SAMLRefusal) -> VerifiedAssertion.NameID {
        let value = try element.value()
        guard !value.isEmpty, value.utf8.count <= longestName,
            value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
        else {
            throw SAMLRefusal(
                .nameIDMalformed,
                "the NameID is \(Trace.quoted(value)); 1 to \(longestName) bytes without controls are taken",
                redacted: "the NameID has \(value.utf8.count) bytes; 1 to \(longestName) without controls are taken")
        }
        return VerifiedAssertion.NameID(
            value: value, format: element.attribute("Format") ?? NameIDFormat.unspecified.rawValue,
            nameQualifier: element.attribute("NameQualifier"), ownQualifier: element.attribute("SPNameQualifier"))
    }

    /// All attributes; values that are elements of another kind than NameID are left out, and so are encrypted ones.
    static func attributes(of assertion: Element) throws(SAMLRefusal) -> [VerifiedAssertion.Attribute] {
        var attributes: [VerifiedAssertion.Attribute] = []
        for statement in assertion.children("AttributeStatement", in: Names.assertionSpace) {
            for element in statement.children("Attribute", in: Names.assertionSpace) {
                guard let name = element.attribute("Name") else {
                    throw SAMLRefusal(.elementMalformed, "an attribute has no name")
                }
                var values: [String] = []
                for value in element.children("AttributeValue", in: Names.assertionSpace) {
                    if value.children.isEmpty {
                        values.append(try value.value())
                    } else if let nested = try value.child("NameID", in: Names.assertionSpace) {
                        values.append(try nested.value())
                    }
                }
                attributes.append(
                    VerifiedAssertion.Attribute(
                        name: name, friendlyName: element.attribute("FriendlyName"), values: values))
            }
        }
        return attributes
    }
}
