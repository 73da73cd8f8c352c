/// One thing that was looked at, in words.
public struct SAMLStep: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        /// As it must be.
        case passed
        /// As it must not be; the last step of a refusal.
        case failed
        /// Worth knowing, and nothing depends on it.
        case noted
    }

    public let outcome: Outcome
    /// A sentence without its full stop; values of the message are quoted and cut.
    public let words: String
    /// The same without who it is about, for what is kept.
    public let redacted: String

    init(outcome: Outcome, words: String, redacted: String? = nil) {
        self.outcome = outcome
        self.words = words
        self.redacted = redacted ?? words
    }
}

/// What was checked in which order.
struct Trace {
    /// Characters of a value that are shown.
    static let longestValue = 200

    private(set) var steps: [SAMLStep] = []

    mutating func passed(_ words: String, redacted: String? = nil) {
        steps.append(SAMLStep(outcome: .passed, words: words, redacted: redacted))
    }
    mutating func noted(_ words: String) { steps.append(SAMLStep(outcome: .noted, words: words)) }
    mutating func failed(_ refusal: SAMLRefusal) {
        steps.append(SAMLStep(outcome: .failed, words: refusal.words, redacted: refusal.redacted))
    }

    /// A value of the message in quotes, cut where it is long, without what a terminal would obey.
    static func quoted(_ value: String) -> String { "\"\(shown(value))\"" }

    /// A name in quotes of which the first character is left, and an address's domain.
    static func masked(_ name: String) -> String {
        guard let first = name.unicodeScalars.first else { return quoted("") }
        let domain = name.lastIndex(of: "@").map { String(name[$0...]) } ?? ""
        return quoted(domain == name ? "…\(domain)" : "\(Character(first))…\(domain)")
    }

    /// As `quoted`, without the quotes.
    static func shown(_ value: String) -> String {
        var shown = ""
        var count = 0
        for scalar in value.unicodeScalars {
            if count == longestValue {
                shown += "…"
                break
            }
            count += 1
            switch scalar.value {
            case 0x00..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
