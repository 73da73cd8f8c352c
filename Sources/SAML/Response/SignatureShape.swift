/// The shape that a signature must have before a library looks at it (XML Signature §4, SAML Core §5.4).
///
/// Everything that can make a signature mean something else than "this element, as it stands" is refused: another
/// reference than the element's own ID, two of them or none, other transforms than enveloped-signature and exclusive
/// C14N, objects, parameters of algorithms, and algorithms that are not on the list.
struct SignatureShape {
    private let owner: Element
    private let algorithms: AlgorithmPolicy

    /// The longest list of prefixes that exclusive C14N is told to treat as the inclusive one does: each is looked up for
    /// each element.
    private static let longestPrefixList = 256

    /// - Parameter owner: the element of which `signature` is a direct child.
    static func check(_ signature: Element, over owner: Element, _ algorithms: AlgorithmPolicy) throws(SAMLRefusal) {
        try MessageShape.checkID(of: owner)
        try SignatureShape(owner: owner, algorithms: algorithms).check(signature)
    }

    private func check(_ signature: Element) throws(SAMLRefusal) {
        guard signature.children("Object", in: Names.signatureSpace).isEmpty else {
            throw SAMLRefusal(.signatureObject, "the signature has an Object")
        }
        let names = signature.children.map(\.name)
        guard names == ["SignedInfo", "SignatureValue"] || names == ["SignedInfo", "SignatureValue", "KeyInfo"],
            signature.children.allSatisfy({ $0.space == Names.signatureSpace })
        else {
            throw SAMLRefusal(
                .signatureMalformed, "the signature has \(names.map(Trace.quoted).joined(separator: ", "))")
        }
        try check(signedInfo: signature.children[0])
        try checkBase64(signature.children[1])
    }

    /// What is no base64 is a malformed signature, and not one that somebody else made.
    private func checkBase64(_ element: Element) throws(SAMLRefusal) {
        guard MessageEncoding.decode(value: try element.value()) != nil else {
            throw SAMLRefusal(.signatureMalformed, "\(element.name) is not base64")
        }
    }

    private func check(signedInfo: Element) throws(SAMLRefusal) {
        let references = signedInfo.children("Reference", in: Names.signatureSpace)
        guard references.count == 1 else {
            throw SAMLRefusal(.referenceCount, "the signature has \(references.count) references; one is allowed")
        }
        guard signedInfo.children.map(\.name) == ["CanonicalizationMethod", "SignatureMethod", "Reference"],
            signedInfo.children.allSatisfy({ $0.space == Names.signatureSpace })
        else { throw SAMLRefusal(.signatureMalformed, "SignedInfo has other elements than it may") }
        let form = algorithm(of: signedInfo.children[0])
        guard form == Names.exclusive, hasOnlyPrefixes(signedInfo.children[0]) else {
            throw SAMLRefusal(
                .canonicalizationRefused,
                "the canonical form \(Trace.quoted(form)) is not taken; exclusive C14N without comments is")
        }
        let method = algorithm(of: signedInfo.children[1])
        guard algorithms.takesSignatureMethod(method), signedInfo.children[1].children.isEmpty else {
            throw SAMLRefusal(
                .signatureMethodRefused,
                "the signature algorithm \(Trace.quoted(method)) is not taken; \(algorithms.signatureWords)")
        }
        try check(reference: references[0])
    }

    private func check(reference: Element) throws(SAMLRefusal) {
        guard let target = reference.attribute("URI"), !target.isEmpty else {
            throw SAMLRefusal(.referenceEmpty, "the reference names no element")
        }
        guard let id = owner.attribute("ID"), target == "#" + id else {
            throw SAMLRefusal(
                .referenceMismatch,
                "the reference is \(Trace.quoted(target)), not to the \(owner.name) in which the signature stands")
        }
        guard reference.children.map(\.name) == ["Transforms", "DigestMethod", "DigestValue"],
            reference.children.allSatisfy({ $0.space == Names.signatureSpace })
        else { throw SAMLRefusal(.transformRefused, "the reference has other elements than it must") }
        try check(transforms: reference.children[0])
        let digest = algorithm(of: reference.children[1])
        guard algorithms.takesDigestMethod(digest), reference.children[1].children.isEmpty else {
            throw SAMLRefusal(
                .digestMethodRefused, "the digest \(Trace.quoted(digest)) is not taken; SHA-256 or better is")
        }
        try checkBase64(reference.children[2])
    }

    private func check(transforms: Element) throws(SAMLRefusal) {
        let names = transforms.children.map { algorithm(of: $0) }
        guard names == [Names.enveloped, Names.exclusive], transforms.children[0].children.isEmpty,
            transforms.children.allSatisfy({ $0.isNamed("Transform", in: Names.signatureSpace) }),
            hasOnlyPrefixes(transforms.children[1])
        else {
            throw SAMLRefusal(
                .transformRefused,
                "the transforms are \(names.map(Trace.quoted).joined(separator: ", ")); taken are enveloped-signature "
                    + "and then exclusive C14N")
        }
    }

    /// Nothing, or one InclusiveNamespaces with a short list.
    private func hasOnlyPrefixes(_ element: Element) -> Bool {
        guard let first = element.children.first else { return true }
        return element.children.count == 1 && first.isNamed("InclusiveNamespaces", in: Names.exclusive)
            && first.children.isEmpty
            && (first.attribute("PrefixList")?.utf8.count ?? 0) <= Self.longestPrefixList
    }

    private func algorithm(of element: Element) -> String { element.attribute("Algorithm") ?? "" }
}

extension ResponseRun {
    /// Verifies a signature with the provider's keys, one after the other, and parses the octets that were digested.
    /// - Parameter what: the element in words.
    mutating func verified(
        _ document: XMLDocument, _ owner: Element, by signature: Element, what: String
    ) throws(SAMLRefusal) -> XMLDocument {
        let octets = try SignatureCheck(keys: expected.provider.signingKeys, algorithms: expected.algorithms)
            .octets(in: document, owner, by: signature, what: what, &trace)
        let signed = try XMLDocument(parsing: octets, .digested)
        guard signed.root.isNamed(owner.name, in: owner.space), signed.root.attribute("ID") == owner.attribute("ID")
        else { throw SAMLRefusal(.signatureInvalid, "the signature covers another element than the \(what)") }
        trace.passed("what follows is read from the \(octets.count) bytes that were signed")
        return signed
    }
}

/// One signature and the keys that are pinned for whoever made it.
struct SignatureCheck {
    let keys: [VerificationKey]
    let algorithms: AlgorithmPolicy

    /// The octets that were digested.
    func octets(
        in document: XMLDocument, _ owner: Element, by signature: Element, what: String, _ trace: inout Trace
    ) throws(SAMLRefusal) -> [UInt8] {
        try SignatureShape.check(signature, over: owner, algorithms)
        trace.passed("the \(what)'s signature has one reference, to the \(what) itself, and algorithms that are taken")
        for key in keys {
            switch document.verify(
                signature: signature, over: owner, key: key, isLegacy: algorithms == .insecureLegacy)
            {
            case .verified(let octets):
                trace.passed("the \(what) is signed by the provider's certificate \(key.fingerprint)")
                return octets
            case .digestDiffers:
                throw SAMLRefusal(.digestMismatch, "the \(what) was changed after it was signed: its digest differs")
            case .signatureDiffers: continue
            case .unusable: continue
            }
        }
        throw SAMLRefusal(
            .signatureInvalid,
            "the \(what)'s signature was made by none of the provider's \(keys.count) certificates ("
                + "\(keys.map(\.fingerprint).joined(separator: ", ")))")
    }
}
