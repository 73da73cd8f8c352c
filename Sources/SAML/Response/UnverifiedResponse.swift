/// What a response says of itself, with nothing of it verified: for whoever reads traces, and to tell an answer that came
/// too late from one that nobody asked for.  Whoever wrote it may be anybody: nothing may depend on it that lets somebody
/// in.
public struct UnverifiedResponse: Sendable {
    /// Characters of a value.
    public static let longestValue = 200
    /// Attributes and algorithms that are named, at most.
    public static let mostNames = 64

    /// Of the document.
    public let byteCount: Int
    /// The assertion's issuer, or the response's; nil where there is none, as in what is encrypted.
    public let issuer: String?
    public let destination: String?
    /// Which request it says it answers; nil for none.
    public let inResponseTo: String?
    public let isResponseSigned: Bool
    /// False also where the assertion is encrypted.
    public let isAssertionSigned: Bool
    public let isEncrypted: Bool
    /// Of signatures, digests, ciphers and key transports, as they are named, each once.
    public let algorithms: [String]
    /// Names of attributes in clear, each with its count of values.
    public let attributes: [(name: String, count: Int)]

    /// Looks at the field `SAMLResponse`; nil for what is no XML within the bounds of a message.
    public init?(withoutSignatureCheck field: [UInt8]) {
        guard let octets = try? MessageEncoding.decode(field),
            let root = try? XMLDocument(parsing: octets, .message).root
        else { return nil }
        byteCount = octets.count
        destination = root.attribute("Destination").map(Trace.shown)
        var found = Found()
        root.visit { element, parent in found.note(element, of: parent) }
        issuer = (found.assertionIssuer ?? found.responseIssuer).map(Trace.shown)
        inResponseTo = (root.attribute("InResponseTo") ?? found.confirmedAnswer).map(Trace.shown)
        isResponseSigned = found.isResponseSigned
        isAssertionSigned = found.isAssertionSigned
        isEncrypted = found.isEncrypted
        algorithms = found.algorithms
        attributes = found.attributes
    }

    /// What one walk over a document comes by.
    private struct Found {
        var responseIssuer: String?
        var assertionIssuer: String?
        var confirmedAnswer: String?
        var isResponseSigned = false
        var isAssertionSigned = false
        var isEncrypted = false
        var algorithms: [String] = []
        var attributes: [(name: String, count: Int)] = []

        private static let methods: Set = ["SignatureMethod", "DigestMethod", "EncryptionMethod"]

        mutating func note(_ element: Element, of parent: Element?) {
            let isOfAssertion = parent?.isNamed("Assertion", in: Names.assertionSpace) ?? false
            switch (element.name, element.space) {
            case ("Issuer", Names.assertionSpace):
                if isOfAssertion { assertionIssuer = element.text } else { responseIssuer = element.text }
            case ("Signature", Names.signatureSpace):
                if isOfAssertion { isAssertionSigned = true } else { isResponseSigned = true }
            case ("EncryptedAssertion", Names.assertionSpace):
                isEncrypted = true
            case ("SubjectConfirmationData", Names.assertionSpace):
                confirmedAnswer = confirmedAnswer ?? element.attribute("InResponseTo")
            case ("Attribute", Names.assertionSpace):
                guard attributes.count < UnverifiedResponse.mostNames else { return }
                let values = element.children("AttributeValue", in: Names.assertionSpace).count
                attributes.append((Trace.shown(element.attribute("Name") ?? ""), values))
            default:
                guard Self.methods.contains(element.name), algorithms.count < UnverifiedResponse.mostNames else {
                    return
                }
                let name = Trace.shown(element.attribute("Algorithm") ?? "")
                if !algorithms.contains(name) { algorithms.append(name) }
            }
        }
    }
}
