import Core

extension ValueType where Value == Milliseconds {
    /// A duration within `bounds`: a whole number and one of ms, s, m, h, d.
    static func duration(_ bounds: ClosedRange<Milliseconds>) -> ValueType {
        let shape = ScalarShape(
            noun: "a duration",
            allowed: "\(QuantityText.duration(bounds.lowerBound)) to \(QuantityText.duration(bounds.upperBound)), "
                + "a number and ms, s, m, h or d",
            json: .object([("type", .string("string")), ("pattern", .string("^[0-9]+(ms|s|m|h|d)$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let (number, unit) = DecimalText.numberAndUnit(text) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a duration")
            }
            guard let factor = QuantityText.durationUnits.first(where: { $0.name == unit })?.factor else {
                let remedy: String? =
                    switch unit.trimmingASCIISpaces.lowercased() {
                    case "", "s", "sec", "secs", "second", "seconds": "did you mean \(number)s?"
                    case "ms", "msec", "millis": "did you mean \(number)ms?"
                    case "m", "min", "mins", "minute", "minutes": "did you mean \(number)m?"
                    case "h", "hr", "hour", "hours": "did you mean \(number)h?"
                    case "d", "day", "days": "did you mean \(number)d?"
                    case "w", "week", "weeks": number <= 1_000 ? "did you mean \(number * 7)d?" : nil
                    default: nil
                    }
                throw ScalarProblem("\(ShownText.quoted(text)) is not a duration", remedy: remedy)
            }
            let (count, overflow) = UInt64(number).multipliedReportingOverflow(by: factor)
            guard !overflow, bounds.contains(Milliseconds(count)) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is out of bounds")
            }
            return Milliseconds(count)
        }
    }
}

extension ValueType where Value == Int {
    /// A size in bytes within `bounds`: a whole number and one of B, KiB, MiB, GiB, TiB, or none.
    static func byteCount(_ bounds: ClosedRange<Int>) -> ValueType {
        let shape = ScalarShape(
            noun: "a size",
            allowed: "\(QuantityText.size(bounds.lowerBound)) to \(QuantityText.size(bounds.upperBound)), "
                + "a number and B, KiB, MiB, GiB or TiB; bytes without one",
            json: .object([
                ("type", .array([.string("string"), .string("integer")])),
                ("pattern", .string("^[0-9]+(B|KiB|MiB|GiB|TiB)?$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            try QuantityText.bytes(text, of: text, noun: "a size", suffix: "", bounds: bounds)
        }
    }

    /// Bytes a second within `bounds`: a size and `/s`.
    static func rate(_ bounds: ClosedRange<Int>) -> ValueType {
        let shape = ScalarShape(
            noun: "a rate",
            allowed: "\(QuantityText.size(bounds.lowerBound))/s to \(QuantityText.size(bounds.upperBound))/s, "
                + "a number and B/s, KiB/s or MiB/s",
            json: .object([("type", .string("string")), ("pattern", .string("^[0-9]+(B|KiB|MiB|GiB|TiB)/s$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard text.hasSuffix("/s") else {
                let isNumber = DecimalText.number(text[...]) != nil
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not a rate", remedy: isNumber ? "did you mean \(text)B/s?" : nil)
            }
            let size = String(text.dropLast(2))
            guard DecimalText.number(size[...]) == nil else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not a rate", remedy: "did you mean \(size)B/s?")
            }
            return try QuantityText.bytes(size, of: text, noun: "a rate", suffix: "/s", bounds: bounds)
        }
    }
}

/// Durations and sizes as texts, both ways.
enum QuantityText {
    static let durationUnits: [(name: String, factor: UInt64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    static let sizeUnits: [(name: String, factor: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    /// The duration in the largest unit that leaves no rest: `90s`, `12h`.
    static func duration(_ duration: Milliseconds) -> String {
        guard duration.count > 0, let unit = durationUnits.first(where: { duration.count % $0.factor == 0 }) else {
            return "0s"
        }
        return "\(duration.count / unit.factor)\(unit.name)"
    }

    /// The size in the largest unit that leaves no rest: `64KiB`.
    static func size(_ bytes: Int) -> String {
        guard bytes > 0, let unit = sizeUnits.first(where: { bytes % $0.factor == 0 }) else { return "0B" }
        return "\(bytes / unit.factor)\(unit.name)"
    }

    /// Reads `text` as a size; faults quote `whole`.
    fileprivate static func bytes(
        _ text: String, of whole: String, noun: String, suffix: String, bounds: ClosedRange<Int>
    ) throws(ScalarProblem) -> Int {
        guard let (number, unit) = DecimalText.numberAndUnit(text) else {
            throw ScalarProblem("\(ShownText.quoted(whole)) is not \(noun)")
        }
        guard let factor = unit.isEmpty ? 1 : sizeUnits.first(where: { $0.name == unit })?.factor else {
            let meant =
                switch unit.trimmingASCIISpaces.lowercased().first {
                case "b": "B"
                case "k": "KiB"
                case "m": "MiB"
                case "g": "GiB"
                case "t": "TiB"
                default: ""
                }
            throw ScalarProblem(
                "\(ShownText.quoted(whole)) is not \(noun)",
                remedy: meant.isEmpty ? nil : "did you mean \(number)\(meant)\(suffix)?")
        }
        let (count, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, bounds.contains(count) else {
            throw ScalarProblem("\(ShownText.quoted(whole)) is out of bounds")
        }
        return count
    }
}

extension String {
    /// Without spaces and tabs at either end.
    var trimmingASCIISpaces: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
