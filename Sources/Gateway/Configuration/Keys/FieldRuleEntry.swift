import Access

/// A route's `request_headers` or `response_headers` as written.
struct FieldRuleEntry: Sendable {
    let set: [(name: Located<String>, value: String)]
    /// Names with the files that hold their values.
    let setFromFiles: [(name: Located<String>, value: Located<String>)]
    let remove: [Located<String>]

    /// Header fields of one kind, in one direction of one route.
    static let counts = 0...50

    static let setKey = DefaultedKey(
        "set",
        ValueType<[(name: Located<String>, value: String)]>.entries(
            of: .fieldValue, names: .fieldName, count: counts),
        default: "{}", "Fields by name, each in place of every field of that name.")
    static let setFileKey = DefaultedKey(
        "set_file",
        ValueType<[(name: Located<String>, value: Located<String>)]>.entries(
            of: ValueType<String>.filePath("a file").located, names: .fieldName, count: counts),
        default: "{}", "As set, with files that hold the values: for secrets.")
    static let removeKey = DefaultedKey(
        "remove", ValueType<[Located<String>]>.locatedSet(of: .name(.fieldName), count: counts), default: "[]",
        "Names of fields that do not pass.")

    /// `request_headers`.
    static let requestType = ValueType<FieldRuleEntry>.mapping([setKey, setFileKey, removeKey]) { section, _ in
        FieldRuleEntry(set: section[setKey], setFromFiles: section[setFileKey], remove: section[removeKey])
    }

    /// `response_headers`, which no secret belongs into.
    static let responseType = ValueType<FieldRuleEntry>.mapping([setKey, removeKey]) { section, _ in
        FieldRuleEntry(set: section[setKey], setFromFiles: [], remove: section[removeKey])
    }
}

extension NameGrammar {
    /// A header field's name: a token (RFC 9110 §5.6.2).
    static let fieldName = NameGrammar(
        noun: "a header's name", allowed: "1 to 100 letters, digits and !#$%&'*+-.^_`|~",
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
        isAllowed: { octet in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C,
                0x7E:
                true
            default: false
            }
        },
        length: 1...100)
}

extension ValueType where Value == String {
    /// A header field's value (RFC 9110 §5.5), in ASCII.
    static var fieldValue: ValueType {
        let shape = ScalarShape(
            noun: "a header's value", allowed: "up to 4096 printable ASCII characters, no space at either end",
            json: .object([("type", .string("string")), ("pattern", .string("^([!-~]([ -~]{0,4094}[!-~])?)?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard text.utf8.count <= 4096 else { throw ScalarProblem("the text has \(text.utf8.count) bytes") }
            guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw ScalarProblem("\(ShownText.quoted(text)) holds a character that is not printable ASCII")
            }
            guard text.utf8.first != 0x20, text.utf8.last != 0x20 else {
                throw ScalarProblem("\(ShownText.quoted(text)) has a space at an end")
            }
            return text
        }
    }
}
