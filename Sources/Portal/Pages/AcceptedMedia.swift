import HTTPTypes

/// What kind of answer a client asks for.
enum AcceptedMedia: Sendable {
    /// A person with a browser: `Accept` names HTML.
    case page
    /// A program: JSON, and problems as RFC 9457 writes them.
    case data

    /// At most so many bytes of `Accept` are read; what stands behind them does not count.
    static let readBytes = 1024

    /// Reads `Accept` (RFC 9110 §12.5.1).  `*/*` alone does not name HTML: it is what programs send.
    init(_ fields: HTTPFields) {
        let ranges = (fields[.accept] ?? "").utf8.prefix(Self.readBytes).split(separator: UInt8(ascii: ","))
        let namesHTML = ranges.contains { range in
            let parts = range.split(separator: UInt8(ascii: ";")).map { part in
                String(decoding: part, as: UTF8.self).lowercased().trimming { $0 == " " || $0 == "\t" }
            }
            guard let type = parts.first, type == "text/html" || type == "application/xhtml+xml" else { return false }
            return !parts.dropFirst().contains { ["q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
        self = namesHTML ? .page : .data
    }
}
