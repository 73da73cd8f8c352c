import FoundationEssentials

/// What a command says when it has done its work.
public struct CommandOutput: Sendable, Hashable {
    /// For standard output: what scripts read.
    public var text: String
    /// For standard error: what only people read; empty where there is nothing to say.
    public var note = ""
    /// The work was done, and what came out is bad news; it decides the exit code.
    public var verdict: OperatorFault.Kind?

    init(_ text: String, note: String = "", verdict: OperatorFault.Kind? = nil) {
        self.text = text
        self.note = note
        self.verdict = verdict
    }

    /// A list: a JSON array, or a table with a line on standard error where there is nothing to show.
    static func list<Row: Encodable>(
        _ rows: [Row], asJSON: Bool, noun: String, headings: [String], cells: (Row) -> [String]
    ) -> CommandOutput {
        if asJSON { return CommandOutput(json(rows)) }
        guard !rows.isEmpty else { return CommandOutput("", note: "no \(noun)\n") }
        var note = ""
        if rows.count >= OperatorClient.mostRows { note = "the first \(rows.count) are shown\n" }
        return CommandOutput(TextTable(headings: headings, rows: rows.map(cells)).text, note: note)
    }

    /// One resource: JSON, or its parts line by line; a part with an empty value is left out.
    static func resource(
        _ resource: some Encodable, asJSON: Bool, parts: [(name: String, value: String)]
    ) -> CommandOutput {
        if asJSON { return CommandOutput(json(resource)) }
        let shown = parts.filter { !$0.value.isEmpty }
        let width = shown.map(\.name.count).max() ?? 0
        return CommandOutput(
            shown.map { part in
                let blanks = String(repeating: " ", count: width - part.name.count)
                return "\(part.name):\(blanks) \(ShownText.clean(part.value))\n"
            }.joined())
    }

    /// JSON with keys in order, ended by a line feed.  What a terminal would obey is escaped: names and browsers' words
    /// come from anybody.
    static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "" }
        var text = ""
        for scalar in String(decoding: data, as: UTF8.self).unicodeScalars {
            guard scalar.value != 0x0A, ShownText.steersTerminals(scalar) else {
                text.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        return text + "\n"
    }
}

/// Columns, each as wide as its widest cell.
struct TextTable {
    /// Characters of a cell; what is longer ends in `…`.
    static let widestCell = 60

    let headings: [String]
    let rows: [[String]]

    /// The table, each line ended by a line feed, nothing behind the last cell.
    var text: String {
        let lines = ([headings] + rows).map { row in row.map(Self.cell) }
        let widths = headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.enumerated().map { column, cell in
                column == line.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    private static func cell(_ text: String) -> String {
        let clean = ShownText.clean(text.isEmpty ? "-" : text)
        return clean.count > widestCell ? clean.prefix(widestCell - 1) + "…" : clean
    }
}

extension ShownText {
    /// Whether a terminal may take the scalar for a command, or for a turn of the text's direction.
    static func steersTerminals(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// The text as it is, but for what steers terminals.
    static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: steersTerminals) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if steersTerminals(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// A time without its milliseconds: `2026-01-31 12:00:00Z`.
    static func time(_ text: String) -> String {
        guard text.utf8.count == 24, text.hasSuffix("Z") else { return text }
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + "Z"
    }
}
