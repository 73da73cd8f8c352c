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
    ///   - loginURL: where a person could sign in, or prove another factor; for 401.
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
        JSONString.append(requestID, to: &bytes)
        if let loginURL {
            bytes.append(contentsOf: ",\"login_url\":".utf8)
            append(text: loginURL, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private static func append(text: String, to bytes: inout [UInt8]) {
        JSONString.append(Array(text.utf8).span, to: &bytes)
    }
}
