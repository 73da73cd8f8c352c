import Testing

@testable import Gateway

@Suite("What commands print cannot steer a terminal")
struct CommandOutputTests {
    @Test("columns are as wide as their widest cell, and an empty cell shows a dash")
    func table() {
        let table = TextTable(headings: ["A", "LONG"], rows: [["wide", ""], ["x", "y"]])
        #expect(table.text == "A     LONG\nwide  -\nx     y\n")
    }

    @Test("a cell beyond the widest is cut")
    func wideCell() {
        let widest = String(repeating: "x", count: TextTable.widestCell)
        #expect(TextTable(headings: ["A"], rows: [[widest]]).text == "A\n\(widest)\n")
        #expect(TextTable(headings: ["A"], rows: [[widest + "x"]]).text == "A\n\(widest.dropLast())…\n")
    }

    @Test(
        "controls and marks of direction are shown, not obeyed",
        arguments: [
            ("\u{1B}[2J", #"\u{1B}[2J"#, #"\u001b[2J"#), ("\u{9B}2J", #"\u{9B}2J"#, #"\u009b2J"#),
            ("a\u{202E}b", #"a\u{202E}b"#, #"a\u202eb"#), ("Zoë", "Zoë", "Zoë"),
        ])
    func escapes(text: String, cell: String, json: String) {
        #expect(TextTable(headings: ["A"], rows: [[text]]).text == "A\n\(cell)\n")
        #expect(CommandOutput.json([text]) == "[\n  \"\(json)\"\n]\n")
        #expect(CommandOutput.resource([""], asJSON: false, parts: [("a", text), ("none", "")]).text == "a: \(cell)\n")
    }
}
