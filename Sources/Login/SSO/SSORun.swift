import Core
import SAML
import Store

/// One message of a provider under way, and what was looked at in which order: what becomes of it is decided elsewhere.
struct SSORun: Sendable {
    let tenant: TenantID
    let connection: ConnectionName
    let requestID: String
    let kind: SSOTrace.Kind
    /// The relay state of the attempt that it answers; nil where this browser began none.
    let attempt: String?
    private(set) var summary: [AuditEntry.Detail] = []
    private(set) var steps: [SSOTrace.Step] = []
    /// Whose account it is, as far as that is known.
    var user: UserID?
    /// The provider said it: what follows is worth an entry in the audit log.
    var isVerified = false
    /// What had counted already where it came; nil where it is new.
    var replayed: Replayed?

    /// What counts once, and until when it could be shown again.
    struct Replayed: Sendable {
        let id: String
        let until: WallTime
    }

    /// The provider says it for the first time: nobody else can send it, and nobody often.
    var isBound: Bool { isVerified && replayed == nil }

    /// What tells messages of one source from those of others; nil where nothing does.
    var origin: String? { replayed?.id ?? attempt.map { "attempt \($0)" } }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        summary.append(AuditEntry.Detail(name, SSOMasking.masked(value)))
    }

    mutating func passed(_ words: String) { add(SAMLStep.Outcome.passed, words) }
    mutating func noted(_ words: String) { add(SAMLStep.Outcome.noted, words) }
    mutating func failed(_ words: String) { add(SAMLStep.Outcome.failed, words) }

    /// The steps of a verification, as they are kept.
    mutating func take(_ verified: [SAMLStep]) {
        for step in verified { add(step.outcome, step.redacted) }
    }

    private mutating func add(_ outcome: SAMLStep.Outcome, _ words: String) {
        steps.append(SSOTrace.Step(outcome: outcome.rawValue, words: SSOMasking.masked(words)))
    }

    /// What came, as it says itself.
    mutating func describe(_ response: UnverifiedResponse) {
        add("bytes", "\(response.byteCount)")
        add("issuer", response.issuer)
        add("destination", response.destination)
        add("in-response-to", response.inResponseTo)
        let signed = [
            response.isResponseSigned ? "response" : nil, response.isAssertionSigned ? "assertion" : nil,
        ].compactMap(\.self)
        add("signed", signed.isEmpty ? "nothing in clear" : signed.joined(separator: ", "))
        add("encrypted", response.isEncrypted ? "assertion" : "nothing")
        add("algorithms", response.algorithms.joined(separator: " "))
        if !response.isEncrypted { describe(attributes: response.attributes) }
    }

    /// Names of attributes and how many values each has; no value of any.
    mutating func describe(attributes: [(name: String, count: Int)]) {
        let shown = attributes.prefix(UnverifiedResponse.mostNames).map { "\($0.name) (\($0.count))" }
        add("attributes", shown.isEmpty ? "none" : shown.joined(separator: ", "))
    }
}

/// Takes people out of words that are kept (security rule 31).
enum SSOMasking {
    /// The words with every address in them masked: of what stands before an `@` the first character is left.
    static func masked(_ words: String) -> String {
        guard words.utf8.contains(UInt8(ascii: "@")) else { return words }
        var shown = ""
        var word = ""
        func flushed() -> String {
            guard let at = word.lastIndex(of: "@"), let first = word.first else { return word }
            return first == "@" ? word : "\(first)…\(word[at...])"
        }
        for character in words {
            if isBoundary(character) {
                shown += flushed()
                shown.append(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        return shown + flushed()
    }

    private static func isBoundary(_ character: Character) -> Bool {
        character.isWhitespace || "\"'<>()[],;:=/".contains(character)
    }
}
