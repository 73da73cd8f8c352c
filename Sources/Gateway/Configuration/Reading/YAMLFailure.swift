import Yams

/// Turns the library's complaints into faults that say what to do.
enum YAMLFailure {
    /// The fault for `error`, which the library raised on `text`.
    static func fault(_ error: YamlError, text: String, file: String) -> ConfigurationFault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            return malformed(problem, at: SourcePosition(file: file, line: mark.line, column: mark.column), text: text)
        case .composer(_, let problem, let mark, _):
            let position = SourcePosition(file: file, line: mark.line, column: mark.column)
            if problem.contains("alias") { return YAMLScan.aliasFault(at: position) }
            return ConfigurationFault(
                at: position, problem: "a second document begins here", allowed: "allowed: one document a file",
                remedy: "delete the line ---, or what follows it")
        case .duplicatedKeysInMapping(let names, let context):
            let shown = names.map(ShownText.quoted).joined(separator: ", ")
            return ConfigurationFault(
                at: SourcePosition(file: file, line: context.mark.line, column: context.mark.column),
                problem: "\(shown) \(names.count == 1 ? "stands" : "stand") twice in this mapping",
                allowed: "each key once", remedy: "keep one")
        case .reader(let problem, _, _, _):
            return ConfigurationFault(at: SourcePosition(file: file), problem: "not valid YAML: \(problem)")
        case .memory:
            return ConfigurationFault(at: SourcePosition(file: file), problem: "no memory left to read it")
        case .no, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return ConfigurationFault(at: SourcePosition(file: file), problem: "not readable as YAML")
        }
    }

    private static func malformed(_ problem: String, at position: SourcePosition, text: String) -> ConfigurationFault {
        if problem == "found character that cannot start any token", isTab(at: position, in: text) {
            return ConfigurationFault(
                at: position, problem: "not valid YAML: a tab stands where the line is indented",
                allowed: "allowed: spaces",
                remedy: "replace the tab by spaces")
        }
        return ConfigurationFault(
            at: position, problem: "not valid YAML: \(problem)", remedy: remedy(for: problem))
    }

    private static func remedy(for problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context":
            "indent keys of one mapping alike, and quote a text that holds a colon followed by a space"
        case "could not find expected ':'": "write the key as `name: value`, on one line"
        case "found unexpected end of stream": "close the quote, the [ or the { that is still open"
        case "did not find expected ',' or ']'": "separate entries by commas and close the list with ]"
        case "did not find expected ',' or '}'": "separate entries by commas and close the mapping with }"
        case "did not find expected alphabetic or numeric character":
            "quote a text that begins with * or &, such as \"*.example.org\""
        case let deep where deep.hasPrefix("Maximum nesting level"): "nest at most \(YAMLSource.deepest) levels"
        default: "check indentation, quotes and brackets on this line and the one above"
        }
    }

    private static func isTab(at position: SourcePosition, in text: String) -> Bool {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard position.line >= 1, position.line <= lines.count else { return false }
        return lines[position.line - 1].dropFirst(position.column - 1).first == "\t"
    }
}
