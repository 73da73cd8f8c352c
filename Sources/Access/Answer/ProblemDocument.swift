public import Core

/// The answer to a refused program: a problem document (RFC 9457) in JSON.
public enum ProblemDocument {
    /// Its media type.
    public static let contentType = "application/problem+json"

    /// Appends the document: `type` (`urn:gatehouse:reason:` and the code), `title`, `status`, `code`,
    /// `request_id` and, where given, `login_url`.
    ///
    /// - Parameters:
    ///   - requestID: the id that joins the answer with the log.
    ///   - loginURL: where a person could sign in; for 401.
    public static func append(
        _ reason: ReasonCode, status: UInt16, requestID: String, loginURL: String? = nil, to bytes: inout [UInt8]
    ) {
        append(reason, status: status, requestID: Array(requestID.utf8).span, loginURL: loginURL, to: &bytes)
    }

    /// As above, with the request id as bytes.
    public static func append(
        _ reason: ReasonCode, status: UInt16, requestID: Span<UInt8>, loginURL: String? = nil, to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: "{\"type\":\"urn:gatehouse:reason:".utf8)
        bytes.append(contentsOf: reason.code.utf8)
        bytes.append(contentsOf: "\",\"title\":".utf8)
        append(text: reason.summary, to: &bytes)
        bytes.append(contentsOf: ",\"status\":".utf8)
        bytes.append(contentsOf: String(status).utf8)
        bytes.append(contentsOf: ",\"code\":\"".utf8)
        bytes.append(contentsOf: reason.code.utf8)
        bytes.append(contentsOf: "\",\"request_id\":".utf8)
        append(octets: requestID, to: &bytes)
        if let loginURL {
            bytes.append(contentsOf: ",\"login_url\":".utf8)
            append(text: loginURL, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private static func append(text: String, to bytes: inout [UInt8]) {
        append(octets: Array(text.utf8).span, to: &bytes)
    }

    /// A JSON string (RFC 8259 §7).  Bytes are taken for UTF-8, which ids and texts of ours are.
    private static func append(octets: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for index in octets.indices {
            let octet = octets[index]
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(octet)
            case 0x00..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(ASCII.hexadecimalDigit(octet >> 4))
                bytes.append(ASCII.hexadecimalDigit(octet))
            default: bytes.append(octet)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
