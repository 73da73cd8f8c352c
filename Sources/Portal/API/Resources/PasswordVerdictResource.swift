import Access
import Login

/// What became of a password that was only judged.
public struct PasswordVerdictResource: Codable, Hashable, Sendable {
    /// One rule of the policy.
    public struct Rule: Codable, Hashable, Sendable {
        /// `minimum-length`, `lower`, `common`, …
        public let rule: String
        /// `kept`, `broken` or `unchecked`.
        public let outcome: String
        /// What it asks for, and what is wrong where it is broken.
        public let text: String
    }

    /// Whether it could be set.
    public let accepted: Bool
    /// 0 (very weak) to 4 (strong).
    public let strength: Int
    public let rules: [Rule]

    init(_ verdict: PasswordVerdict) {
        accepted = verdict.accepted != nil
        strength = verdict.strength.score
        rules = verdict.findings.map { finding in
            let text = PasswordRuleText.text(of: finding.rule, in: .english)
            return Rule(
                rule: finding.rule.code, outcome: finding.outcome.rawValue,
                text: finding.outcome == .broken ? text.refusal : text.demand)
        }
    }
}
