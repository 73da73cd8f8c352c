import Core

/// Messages in the query of an address (SAML Bindings §3.4): deflated, in base64, signed beside the message.
public enum RedirectBinding {
    /// Which side a message is of.
    public enum Parameter: String, Sendable, Hashable {
        case request = "SAMLRequest"
        case response = "SAMLResponse"
    }

    /// Bytes of a query that are read.
    public static let longestQuery = 64 * 1024

    /// An address that carries the message, signed with RSA and SHA-256.
    static func address(
        _ destination: String, parameter: Parameter, document: String, relayState: String?, key: PrivateKey
    ) -> String {
        let message = Base64.encode(Deflate.deflate(Array(document.utf8)), alphabet: .standard)
        var query = "\(parameter.rawValue)=\(PercentEncoding.encoded(message))"
        if let relayState { query += "&RelayState=\(PercentEncoding.encoded(relayState))" }
        query += "&SigAlg=\(PercentEncoding.encoded(Names.rsaSHA256))"
        let signature = Base64.encode(key.signature(of: Array(query.utf8)), alphabet: .standard)
        let joint = destination.contains("?") ? "&" : "?"
        return "\(destination)\(joint)\(query)&Signature=\(PercentEncoding.encoded(signature))"
    }

    /// A message that came in a query.
    struct Arrived {
        let document: [UInt8]
        let relayState: String?
    }

    /// Reads a query and verifies its signature: over the octets as they came, by one of the provider's keys.
    static func read(
        _ query: [UInt8], parameter: Parameter, keys: [VerificationKey], algorithms: AlgorithmPolicy,
        _ trace: inout Trace
    ) throws(SAMLRefusal) -> Arrived {
        guard query.count <= longestQuery else {
            throw SAMLRefusal(.messageTooLarge, "the query has more than \(longestQuery) bytes")
        }
        let parts = try parts(of: query)
        guard let message = parts[parameter.rawValue], let text = PercentEncoding.decoded(message),
            let packed = Base64.decode(text, alphabet: .standard)
        else { throw SAMLRefusal(.base64Malformed, "the query has no \(parameter.rawValue) in base64") }
        guard let algorithm = parts["SigAlg"], let signature = parts["Signature"] else {
            throw SAMLRefusal(.signatureMissing, "the message is not signed")
        }
        let method = PercentEncoding.decoded(algorithm).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard algorithms.takesSignatureMethod(method), let digest = digests[method] else {
            let taken = algorithms == .current ? "RSA with SHA-256 or better is" : algorithms.signatureWords
            throw SAMLRefusal(
                .signatureMethodRefused,
                "the signature algorithm \(Trace.quoted(method)) is not taken in a query; \(taken)")
        }
        guard let octets = PercentEncoding.decoded(signature), let value = Base64.decode(octets, alphabet: .standard)
        else {
            throw SAMLRefusal(.signatureInvalid, "the signature is not base64")
        }
        var signed = Array("\(parameter.rawValue)=".utf8) + message
        if let state = parts["RelayState"] { signed += Array("&RelayState=".utf8) + state }
        signed += Array("&SigAlg=".utf8) + algorithm
        guard let key = keys.first(where: { $0.isSignature(value, over: signed, digest: digest) }) else {
            throw SAMLRefusal(
                .signatureInvalid, "the signature was made by none of the provider's \(keys.count) certificates")
        }
        trace.passed("the query is signed by the provider's certificate \(key.fingerprint)")
        let document = try Deflate.inflate(packed)
        let state = parts["RelayState"].flatMap(PercentEncoding.decoded).map { String(decoding: $0, as: UTF8.self) }
        return Arrived(document: document, relayState: state)
    }

    private static let digests: [String: RedirectDigest] = [
        Names.rsaSHA256: .sha256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": .sha384,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": .sha512,
    ]

    /// The parameters as they came; one that stands twice is refused, as readers differ in which of them counts.
    private static func parts(of query: [UInt8]) throws(SAMLRefusal) -> [String: ArraySlice<UInt8>] {
        var parts: [String: ArraySlice<UInt8>] = [:]
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let name = String(decoding: pair.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            guard parts[name] == nil else {
                throw SAMLRefusal(.elementMalformed, "the query has \(Trace.quoted(name)) more than once")
            }
            parts[name] = pair.drop { $0 != UInt8(ascii: "=") }.dropFirst()
        }
        return parts
    }
}

/// Percent-encoding in queries (RFC 3986 §2.1).
enum PercentEncoding {
    static func encoded(_ text: String) -> String {
        var output: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: output.append(octet)
            default: ASCII.appendPercentEncoded(octet, to: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil for a percent sign without its two digits; a plus sign is a blank.
    static func decoded(_ octets: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var index = octets.startIndex
        while index < octets.endIndex {
            switch octets[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < octets.endIndex, let high = ASCII.hexadecimalValue(octets[index + 1]),
                    let low = ASCII.hexadecimalValue(octets[index + 2])
                else { return nil }
                output.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+"):
                output.append(0x20)
                index += 1
            default:
                output.append(octets[index])
                index += 1
            }
        }
        return output
    }
}
