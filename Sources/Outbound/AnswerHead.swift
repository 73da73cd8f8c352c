/// A head as a peer sent it: the status line and the fields.  Reads leniently, for what a foreign server says is to be
/// shown; nothing is decided on it but what a check of ours makes of it.
struct AnswerHead: Sendable, Hashable {
    let status: Int
    let fields: [ProbeField]

    /// Reads up to the blank line, or to the end where there is none; nil where no status line stands at the beginning.
    init?(_ bytes: [UInt8]) {
        // Latin-1: every byte is a character, and none is lost.
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...].map(Self.trimmed)
        guard let first = lines.first, first.hasPrefix("HTTP/") else { return nil }
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), (100...599).contains(status)
        else { return nil }
        lines.removeFirst()
        self.status = status
        fields = lines.prefix { !$0.isEmpty }.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return ProbeField(
                String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...]))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
