public import Core

/// What became of one message of a provider, step by step, for whoever sets a connection up.
///
/// It names no values of attributes and nobody in full; the caller sees to that.
public struct SSOTrace: Sendable, Hashable {
    /// What the message was about.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case signIn = "sign-in"
        case logout
        case metadata
        case test
    }

    /// One thing that was looked at.
    public struct Step: Sendable, Hashable {
        public let outcome: String
        /// At most 1024 bytes are kept.
        public let words: String

        public init(outcome: String, words: String) {
            self.outcome = outcome
            self.words = AuditEntry.Detail("", words).value
        }
    }

    /// Details of one trace, at most; further ones are left out.
    public static let mostDetails = 64
    /// Steps of one trace, at most; further ones are left out.
    public static let mostSteps = 128

    public let id: RowID
    /// Of the request that brought the message.
    public let requestID: String
    public let at: WallTime
    /// The connection's name, as it was asked for.
    public let connection: String
    public let kind: Kind
    /// Whether its signature was the provider's, and it came for the first time; others anybody can send, and often.
    public let isBound: Bool
    /// `accepted`, `refused`, `restarted`, …
    public let verdict: String
    /// Why not, as a code; nil where it was accepted.
    public let reason: String?
    public let summary: [AuditEntry.Detail]
    public let steps: [Step]

    public init(
        id: RowID, requestID: String, at: WallTime, connection: String, kind: Kind, isBound: Bool, verdict: String,
        reason: String? = nil, summary: [AuditEntry.Detail] = [], steps: [Step] = []
    ) {
        self.id = id
        self.requestID = requestID
        self.at = at
        self.connection = connection
        self.kind = kind
        self.isBound = isBound
        self.verdict = verdict
        self.reason = reason
        self.summary = Array(summary.prefix(Self.mostDetails))
        self.steps = Array(steps.prefix(Self.mostSteps))
    }
}

extension SSOTrace {
    /// What is sealed: everything but when, of which connection and by which request.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(kind.rawValue)
        encoder.append(verdict)
        encoder.append(optional: reason)
        encoder.append(list: summary.flatMap { [$0.name, $0.value] })
        encoder.append(list: steps.flatMap { [$0.outcome, $0.words] })
        return encoder.bytes
    }

    init(
        id: RowID, requestID: String, at: WallTime, connection: String, isBound: Bool, sealedPart bytes: [UInt8]
    ) throws(FieldDecoder.Malformed) {
        var decoder = FieldDecoder(bytes)
        guard let kind = Kind(rawValue: try decoder.text()) else { throw FieldDecoder.Malformed() }
        self.init(
            id: id, requestID: requestID, at: at, connection: connection, kind: kind, isBound: isBound,
            verdict: try decoder.text(), reason: try decoder.optionalText(),
            summary: try Self.pairs(decoder.list()).map { AuditEntry.Detail($0, $1) },
            steps: try Self.pairs(decoder.list()).map { Step(outcome: $0, words: $1) })
    }

    private static func pairs(_ list: [String]) throws(FieldDecoder.Malformed) -> [(String, String)] {
        guard list.count.isMultiple(of: 2) else { throw FieldDecoder.Malformed() }
        return stride(from: 0, to: list.count, by: 2).map { (list[$0], list[$0 + 1]) }
    }
}
