/// Where in a response the parts are that matter: found by position, never by a search that an attacker could feed.
///
/// One Assertion or EncryptedAssertion, as a direct child; a Signature only as a direct child of the Response or of that
/// Assertion; every ID once.  What this refuses is what signature wrapping is made of.
struct ResponseShape {
    enum Place {
        case clear(Element, signature: Element?)
        case encrypted(Element)

        var isEncrypted: Bool {
            switch self {
            case .clear: false
            case .encrypted: true
            }
        }
    }

    /// The signature over the response; nil where it has none.
    let signature: Element?
    /// The assertion; nil where it has none.
    let assertion: Place?

    init(_ root: Element) throws(SAMLRefusal) {
        guard root.isNamed("Response", in: Names.protocolSpace) else {
            throw SAMLRefusal(
                .rootUnexpected,
                "the document is \(Trace.quoted(root.name)) of \(Trace.quoted(root.space)), not a SAML 2.0 Response")
        }
        let shape = try MessageShape(root)
        guard shape.assertions.count <= 1 else {
            throw SAMLRefusal(
                .assertionRepeated, "the document has \(shape.assertions.count) assertions; one is allowed")
        }
        guard let only = shape.assertions.first else {
            signature = try shape.signatures(of: [root])[0]
            assertion = nil
            return
        }
        guard only.parent === root else {
            throw SAMLRefusal(
                .assertionMisplaced,
                "the assertion stands within \(Trace.quoted(only.parent?.name ?? "nothing")), not in the response")
        }
        if only.element.name == "EncryptedAssertion" {
            signature = try shape.signatures(of: [root])[0]
            assertion = .encrypted(only.element)
        } else {
            let signatures = try shape.signatures(of: [root, only.element])
            signature = signatures[0]
            assertion = .clear(only.element, signature: signatures[1])
        }
    }
}

/// The same for an assertion that is a document of its own, as one that was encrypted.
struct AssertionShape {
    let signature: Element?

    init(_ root: Element) throws(SAMLRefusal) {
        guard root.isNamed("Assertion", in: Names.assertionSpace) else {
            throw SAMLRefusal(.rootUnexpected, "what was encrypted is \(Trace.quoted(root.name)), not an Assertion")
        }
        let shape = try MessageShape(root)
        guard shape.assertions.count == 1 else {
            throw SAMLRefusal(
                .assertionRepeated, "what was encrypted has \(shape.assertions.count) assertions; one is allowed")
        }
        signature = try shape.signatures(of: [root])[0]
    }
}
