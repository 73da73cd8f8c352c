extension ValueType where Value == Bool {
    /// `true` or `false`, and no other word.
    static var boolean: ValueType {
        let shape = ScalarShape(
            noun: "a truth value", allowed: "true, false",
            json: .object([("type", .string("boolean"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            switch text {
            case "true": return true
            case "false": return false
            case "yes", "on", "Yes", "On", "YES", "ON", "True", "TRUE", "1":
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not a truth value", remedy: "did you mean true?")
            case "no", "off", "No", "Off", "NO", "OFF", "False", "FALSE", "0":
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not a truth value", remedy: "did you mean false?")
            default: throw ScalarProblem("\(ShownText.quoted(text)) is not a truth value")
            }
        }
    }
}

extension ValueType where Value == Int {
    /// A decimal number without sign, separators or fraction.
    static func integer(_ bounds: ClosedRange<Int>) -> ValueType {
        let shape = ScalarShape(
            noun: "a number", allowed: "\(bounds.lowerBound) to \(bounds.upperBound)",
            json: .object([
                ("type", .string("integer")), ("minimum", .integer(bounds.lowerBound)),
                ("maximum", .integer(bounds.upperBound)),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let number = DecimalText.number(text[...]) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a whole number in digits")
            }
            guard bounds.contains(number) else { throw ScalarProblem("\(text) is out of bounds") }
            return number
        }
    }
}

/// Decimal numbers as the configuration writes them.
enum DecimalText {
    /// The number that `digits` spell: 1 to 19 digits, nothing else; `Int.max` where it is larger.
    static func number(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.count <= 19, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(digits) ?? .max
    }

    /// Splits `250ms` into 250 and `ms`; nil where it begins with no digit.
    static func numberAndUnit(_ text: String) -> (number: Int, unit: String)? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        return number(digits).map { ($0, String(text[digits.endIndex...])) }
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of the cases' raw values.
    static func choice(_ noun: String) -> ValueType {
        let words = Value.allCases.map(\.rawValue)
        let shape = ScalarShape(
            noun: noun, allowed: words.joined(separator: ", "),
            json: .object([("enum", .array(words.map { .string($0) }))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let value = Value(rawValue: text) else {
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not \(noun)",
                    remedy: Spelling.suggestion(for: text, among: words))
            }
            return value
        }
    }
}

extension ValueType where Value == String {
    /// Any text of so many bytes; empty only where `bytes` begins at 0.
    static func text(_ noun: String, bytes: ClosedRange<Int>) -> ValueType {
        let shape = ScalarShape(
            noun: noun, allowed: "\(bytes.lowerBound) to \(bytes.upperBound) bytes of text",
            json: .object([
                ("type", .string("string")), ("minLength", .integer(bytes.lowerBound)),
                ("maxLength", .integer(bytes.upperBound)),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard bytes.contains(text.utf8.count) else {
                throw ScalarProblem(
                    text.isEmpty ? "the text is empty" : "the text has \(text.utf8.count) bytes")
            }
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }) else {
                throw ScalarProblem("\(ShownText.quoted(text)) holds a control character")
            }
            return text
        }
    }

    /// The path of a file or folder; `isOptional` lets "" stand for none.
    static func filePath(_ noun: String, isOptional: Bool = false) -> ValueType {
        let shape = ScalarShape(
            noun: noun,
            allowed: "a path, relative ones from this file's own folder" + (isOptional ? "; \"\" for none" : ""),
            json: .object([("type", .string("string")), ("minLength", .integer(isOptional ? 0 : 1))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard isOptional || !text.isEmpty else { throw ScalarProblem("the path is empty") }
            guard !text.utf8.contains(0), text.utf8.count <= 4095 else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a path")
            }
            guard !text.hasPrefix("~") else {
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) begins with ~, which only a shell replaces",
                    remedy: "write ${HOME}/…")
            }
            return text
        }
    }

    /// A name of `grammar`; `isOptional` lets "" stand for none.
    static func name(_ grammar: NameGrammar, isOptional: Bool = false) -> ValueType {
        let pattern = isOptional ? "^$|\(grammar.pattern)" : grammar.pattern
        let shape = ScalarShape(
            noun: grammar.noun, allowed: grammar.allowed + (isOptional ? "; \"\" for none" : ""),
            json: .object([("type", .string("string")), ("pattern", .string(pattern))]))
        return scalar(shape) { text throws(ScalarProblem) in
            if isOptional, text.isEmpty { return text }
            guard grammar.matches(text) else {
                let lower = text.lowercased()
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not \(grammar.noun)",
                    remedy: grammar.matches(lower) ? "did you mean \"\(lower)\"?" : nil)
            }
            return text
        }
    }
}
