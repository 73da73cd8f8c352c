public import Access
public import Core
import HTTPTypes

/// Renders the page of a refusal once, so that an event loop can send it later without a template: the
/// page is cut where the request id and the host belong, and the loop fills these holes.
public struct RefusalPageRenderer: Sendable {
    private let pages: PortalPages

    /// - Parameter pages: templates and stylesheet.
    public init(pages: PortalPages) { self.pages = pages }

    /// The page of `reason` in `language`, with a hole for each value that is known only when a request
    /// is refused.  It has no piece at all for a reason that is never answered (`ReasonCode.status` is 0).
    public func render(_ reason: ReasonCode, _ language: PageLanguage) -> ByteTemplate {
        let html = page(reason, language, requestID: Sentinel.requestID, host: Sentinel.host)
        return ByteTemplate(pieces: Self.cut(Array(html.utf8)))
    }

    /// The page as it is sent, its values escaped.
    ///
    /// - Parameters:
    ///   - requestID: joins the page with the log's line.
    ///   - host: the host that was asked for, as it came.
    ///   - details: what a page that is made for one request says besides.
    func page(
        _ reason: ReasonCode, _ language: PageLanguage, requestID: String, host: String,
        details: RefusalDetails = RefusalDetails()
    ) -> String {
        guard let text = details.text ?? RefusalText.text(for: reason, in: language, host: host) else { return "" }
        let labels = RefusalLabels(language)
        let status = details.status.map { UInt16(clamping: $0.code) } ?? reason.status
        var values: [String: Any] = [
            "language": language.rawValue, "status": String(status), "title": text.title,
            "happened": text.happened, "adviceHeading": labels.adviceHeading, "advice": text.advice,
            "reasonLabel": labels.reason, "reason": reason.code, "requestLabel": labels.request,
            "requestID": requestID,
        ]
        if let wait = details.wait { values["wait"] = LoginText.text(in: language).tryAgain(RetryWait(wait)) }
        if let action = details.action { values["action"] = ["address": action.address, "label": action.label] }
        if let frame = details.frame {
            // The heading alone is the title of refusal pages, as on those that the loops send.
            values = frame.values(heading: text.title, values)
        }
        return pages.templates.render(pages.templates.refusal, values)
    }

    /// Stand-ins for what is not known yet: scalars of a private-use plane, which no template contains
    /// and which escaping leaves alone.
    private enum Sentinel {
        static let requestID = "\u{F0001}"
        static let host = "\u{F0002}"
        /// With which both begin in UTF-8.
        static let firstByte: UInt8 = 0xF3
    }

    private static func cut(_ html: [UInt8]) -> [ByteTemplate.Piece] {
        let sentinels: [(bytes: [UInt8], slot: ByteTemplate.Slot)] = [
            (Array(Sentinel.requestID.utf8), .requestID), (Array(Sentinel.host.utf8), .host),
        ]
        var pieces: [ByteTemplate.Piece] = []
        var pending: [UInt8] = []
        var index = 0
        while index < html.count {
            guard html[index] == Sentinel.firstByte,
                let hit = sentinels.first(where: { html[index...].starts(with: $0.bytes) })
            else {
                pending.append(html[index])
                index += 1
                continue
            }
            if !pending.isEmpty { pieces.append(.bytes(pending)) }
            pending = []
            pieces.append(.slot(hit.slot))
            index += hit.bytes.count
        }
        if !pending.isEmpty { pieces.append(.bytes(pending)) }
        return pieces
    }
}
