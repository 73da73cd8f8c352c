import Access
import Core
import FoundationEssentials

/// A refusal for programs: `application/problem+json` (RFC 9457 §3).
struct Problem: Sendable, Hashable, Encodable {
    /// `about:blank`: the status says what there is to say about the kind of problem (RFC 9457 §4.2.1).
    let type = "about:blank"
    /// The status code's own phrase.
    let title: String
    let status: Int
    /// What happened, in English.
    let detail: String
    /// The stable reason code.
    let reason: String
    /// Joins this answer with the log's line.
    let requestID: String

    enum CodingKeys: String, CodingKey {
        case type, title, status, detail, reason
        case requestID = "request_id"
    }

    /// The problem that says why a request was refused.
    init(_ reason: ReasonCode, requestID: String, host: String) {
        title = reason.statusPhrase
        status = Int(reason.status)
        detail = RefusalText.text(for: reason, in: .english, host: host)?.happened ?? ""
        self.reason = reason.code
        self.requestID = requestID
    }

    /// The JSON text.
    var bytes: [UInt8] { PortalJSON.encode(self) }
}
