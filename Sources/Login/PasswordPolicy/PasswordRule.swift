/// A rule of the policy; each refusal names the one that is broken.
public enum PasswordRule: Sendable, Hashable {
    /// Text that can be typed: UTF-8 without control characters.
    case text
    /// So many characters at least.
    case minimumLength(Int)
    /// So many bytes at most.
    case maximumLength(Int)
    /// A character of this kind.
    case character(PasswordSettings.CharacterClass)
    /// No character three times in a row.
    case repeats
    /// None of the most common ones.
    case common
    /// None of the operator's own list.
    case blocklist
    /// No part of name, address, tenant or host.
    case personalData
    /// None of one's last ones: the current one and so many before it.
    case history(Int)
    /// None that was stolen elsewhere.
    case breach

    /// A stable kebab-case name.
    public var code: String {
        switch self {
        case .text: "text"
        case .minimumLength: "minimum-length"
        case .maximumLength: "maximum-length"
        case .character(let kind): kind.rawValue
        case .repeats: "repeats"
        case .common: "common"
        case .blocklist: "blocklist"
        case .personalData: "personal-data"
        case .history: "history"
        case .breach: "breach"
        }
    }
}

/// What became of a rule.
public struct PasswordFinding: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        case kept, broken
        /// Nobody could tell, or it did not matter any more; never a refusal.
        case unchecked
    }

    public let rule: PasswordRule
    public let outcome: Outcome

    public init(_ rule: PasswordRule, _ outcome: Outcome) {
        self.rule = rule
        self.outcome = outcome
    }
}
