/// How hard a password is to guess, roughly, for a meter: a help for whoever chooses one, and no rule.
public struct PasswordStrength: Sendable, Hashable {
    /// The best score.
    public static let best = 4

    /// 0 very weak, 1 weak, 2 fair, 3 good, 4 strong.
    public let score: Int

    public init(score: Int) { self.score = min(max(0, score), Self.best) }

    /// Bits from which each score on begins.
    static let steps: [Double] = [28, 44, 60, 76]

    /// Counts bits: what a character adds depends on how many kinds there are; a repetition or the next one of a
    /// sequence (`aaa`, `abc`, `321`) adds one bit, and what is listed or personal is worth nothing.
    static func of(_ text: String, isGuessable: Bool) -> PasswordStrength {
        guard !isGuessable else { return PasswordStrength(score: 0) }
        let values = text.unicodeScalars.map { Int($0.value) }
        let bits = bitsOfCharacter(text)
        var sum = 0.0
        for (index, value) in values.enumerated() {
            let isForeseen = index > 0 && abs(value - values[index - 1]) <= 1
            sum += isForeseen ? 1 : bits
        }
        // A text written twice is worth little more than once.
        let distinct = Set(values).count
        sum = min(sum, Double(distinct) * bits * 2)
        return PasswordStrength(score: steps.filter { sum >= $0 }.count)
    }

    /// The logarithm of how many characters the kinds that are there have.
    private static func bitsOfCharacter(_ text: String) -> Double {
        var pool = 0
        var kinds: Set<PasswordSettings.CharacterClass> = []
        for scalar in text.unicodeScalars {
            guard let kind = CharacterKind.of(scalar), kinds.insert(kind).inserted else { continue }
            switch kind {
            case .lower, .upper: pool += 26
            case .digit: pool += 10
            case .special: pool += 33
            }
        }
        // Whole steps are exact enough for five scores.
        var bits = 0.0
        while pool > 1 {
            bits += 1
            pool /= 2
        }
        return bits + 0.5
    }
}

/// Which kind of character a Unicode scalar is.
enum CharacterKind {
    /// Nil for what is part of another character or cannot be seen: accents, joiners, controls.
    static func of(_ scalar: Unicode.Scalar) -> PasswordSettings.CharacterClass? {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter: .lower
        case .uppercaseLetter, .titlecaseLetter: .upper
        case .decimalNumber: .digit
        case .nonspacingMark, .spacingMark, .enclosingMark, .format, .control, .surrogate, .unassigned,
            .lineSeparator, .paragraphSeparator:
            nil
        default: .special
        }
    }
}
