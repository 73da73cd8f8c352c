import Core

/// Judges responses: octets in, a `VerifiedAssertion` or a refusal out, with the steps in words.
///
/// The order is that of the threat model: bounds, strict parsing, our own look at the shape, the signature with the
/// pinned keys, and then everything is read from a second document, made of the very octets that were digested.  What
/// stands elsewhere in the first one (signature wrapping, XSW) is never looked at again.
public struct ResponseVerifier: Sendable {
    private let expected: ResponseExpectations

    public init(_ expected: ResponseExpectations) { self.expected = expected }

    /// Judges the field `SAMLResponse` of the POST binding: base64, in lines where the provider breaks them.
    public func verify(field: [UInt8]) -> ResponseOutcome {
        outcome { (run) throws(SAMLRefusal) in
            let octets = try MessageEncoding.decode(field)
            run.trace.passed("the message is base64 of \(octets.count) bytes")
            return try run.assertion(in: octets)
        }
    }

    /// Judges a response as XML.
    public func verify(document: [UInt8]) -> ResponseOutcome {
        outcome { (run) throws(SAMLRefusal) in try run.assertion(in: document) }
    }

    private func outcome(
        _ body: (inout ResponseRun) throws(SAMLRefusal) -> VerifiedAssertion
    ) -> ResponseOutcome {
        var run = ResponseRun(expected: expected)
        do {
            let assertion = try body(&run)
            return ResponseOutcome(result: .success(assertion), steps: run.trace.steps)
        } catch {
            run.trace.failed(error)
            return ResponseOutcome(result: .failure(error), steps: run.trace.steps)
        }
    }
}

/// One verification under way.
struct ResponseRun {
    let expected: ResponseExpectations
    var trace = Trace()

    init(expected: ResponseExpectations) { self.expected = expected }

    mutating func assertion(in octets: [UInt8]) throws(SAMLRefusal) -> VerifiedAssertion {
        var document = try XMLDocument(parsing: octets, .message)
        trace.passed("the document of \(octets.count) bytes is well-formed and within its bounds")
        try checkProvider()
        var shape = try ResponseShape(document.root)
        var isSigned = false
        if let signature = shape.signature {
            document = try verified(document, document.root, by: signature, what: "response")
            shape = try ResponseShape(document.root)
            isSigned = true
        }
        guard let place = shape.assertion else { throw missing(in: document.root) }
        trace.passed("the response has one assertion")
        let found = try assertion(at: place, in: document, isCovered: isSigned)
        return try verifiedAssertion(
            AssertionReading(
                response: document.root, isResponseSigned: isSigned, assertion: found, wasEncrypted: place.isEncrypted))
    }

    /// Metadata that says until when it may be used is not used longer.
    private mutating func checkProvider() throws(SAMLRefusal) {
        guard let end = expected.provider.validUntil else { return }
        let words = SAMLTime.words(end, besides: expected.now)
        guard expected.now < end else {
            throw SAMLRefusal(
                .metadataExpired,
                "the provider's metadata was valid until \(words), this clock says "
                    + "\(SAMLTime.words(expected.now, besides: end)); fetch it again")
        }
        trace.passed("the provider's metadata is valid until \(words)")
    }

    /// A response without an assertion usually says why.
    private func missing(in response: Element) -> SAMLRefusal {
        do {
            try ResponseStatus.check(response)
        } catch {
            return error
        }
        return SAMLRefusal(.assertionMissing, "the response has no assertion")
    }

    /// The assertion's element in a document of signed octets.
    private mutating func assertion(
        at place: ResponseShape.Place, in document: XMLDocument, isCovered: Bool
    ) throws(SAMLRefusal) -> Element {
        switch place {
        case .clear(let assertion, let signature):
            guard !expected.requiresEncryption else {
                throw SAMLRefusal(.encryptionRequired, "the assertion is not encrypted, which this connection asks for")
            }
            return try signed(assertion, signature, in: document, isCovered: isCovered)
        case .encrypted(let element):
            let opened = try opened(element, isCovered: isCovered)
            let shape = try AssertionShape(opened.root)
            return try signed(opened.root, shape.signature, in: opened, isCovered: isCovered)
        }
    }

    private mutating func signed(
        _ assertion: Element, _ signature: Element?, in document: XMLDocument, isCovered: Bool
    ) throws(SAMLRefusal) -> Element {
        guard let signature else {
            guard isCovered else {
                throw SAMLRefusal(.signatureMissing, "neither the response nor the assertion is signed")
            }
            trace.noted("the assertion has no signature of its own; the response's covers it")
            return assertion
        }
        return try verified(document, assertion, by: signature, what: "assertion").root
    }
}
