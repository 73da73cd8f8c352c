/// How texts from a file are shown in faults, so that no file can steer the terminal that reads them.
enum ShownText {
    /// Characters of a quoted text; what is longer ends in `…`.
    static let longest = 80

    /// The text in double quotes, shortened, controls escaped.
    static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// The text shortened, with control characters and quotes escaped.
    static func escaped(_ text: String) -> String {
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < longest else { return shown + "…" }
            count += 1
            switch scalar.value {
            case 0x0A: shown += "\\n"
            case 0x0D: shown += "\\r"
            case 0x09: shown += "\\t"
            case 0x22: shown += "\\\""
            case 0x00..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// `app, api, web`; of more than 40 names the first 40 and how many follow.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(40).map(escaped).joined(separator: ", ")
        return names.count > 40 ? "\(shown) and \(names.count - 40) more" : shown
    }

    /// `1 route`, `3 routes`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
