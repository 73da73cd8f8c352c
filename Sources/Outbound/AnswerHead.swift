/// A head as a peer sent it: the status line and the fields.  Reads leniently, for what a foreign server says is to be
/// shown; nothing is decided on it but what a check of ours makes of it.
struct AnswerHead: Sendable, Hashable {
    let status: Int
    let fields: [ProbeField]

    /// Reads up to the blank line, or to the end where there is none; nil where no status line stands at the beginning.
    init?(_ bytes: [UInt8]) {
        // Bytes, not characters: a carriage return and its line feed are one character.
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...].map(Self.trimmed)
        guard let first = lines.first, first.starts(with: "HTTP/".utf8) else { return nil }
        let words = first.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[1].count == 3, let status = Int(Self.text(words[1])),
            (100...599).contains(status)
        else { return nil }
        lines.removeFirst()
        self.status = status
        fields = lines.prefix { !$0.isEmpty }.compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return ProbeField(Self.text(line[..<colon]), Self.text(Self.trimmed(line[line.index(after: colon)...])))
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        var line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        return line
    }

    /// Latin-1: every byte is a character, and none is lost.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
