/// Finds the name that somebody meant.
public enum NearestName {
    /// Names longer than this are compared with nothing; it bounds the work to 64 × 64 steps a candidate.
    public static let longest = 64

    /// The candidate nearest to `text`, if it is near enough to be meant: one slip in three characters,
    /// at least one.  Of equally near ones the first.
    public static func find(_ text: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(text.lowercased().unicodeScalars)
        guard !word.isEmpty, word.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().unicodeScalars)
            let allowance = max(1, min(word.count, other.count) / 3)
            guard other.count <= longest, abs(other.count - word.count) <= allowance else { continue }
            let found = distance(word, other)
            if found <= allowance, found < best?.distance ?? .max { best = (candidate, found) }
        }
        return best?.name
    }

    /// Damerau-Levenshtein distance in its optimal string alignment form: insertions, deletions,
    /// replacements and swaps of neighbours.
    public static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in 0..<one.count {
            var current = [row + 1]
            current.reserveCapacity(other.count + 1)
            for column in 0..<other.count {
                let replacement = last[column] + (one[row] == other[column] ? 0 : 1)
                var cost = min(replacement, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
