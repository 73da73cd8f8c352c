/// What is looked at before libyaml sees a file: its size, its characters, and how many aliases it could
/// hold.
///
/// A YAML library builds aliases cheaply and pays when the result is walked or compared, and comparing keys
/// happens while it composes; so a file that could hold a bomb is refused on its bytes.  The count of
/// possible aliases is deliberately too high (it looks into quotes and comments as well); 8 of them are
/// let through, and refused by name after composing.
enum YAMLScan {
    /// Bytes of one file.
    static let longestFile = 1_048_576
    /// Places that look like an alias, up to which composing is harmless.
    static let mostAliasLookAlikes = 8

    /// The text of `bytes` without a byte-order mark; the fault where they are no text or could be a bomb.
    static func text(of bytes: [UInt8], file: String) throws(ConfigurationFault) -> String {
        guard bytes.count <= longestFile else {
            throw sizeFault(at: SourcePosition(file: file))
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw ConfigurationFault(
                at: SourcePosition(file: file, line: 1, column: 1), problem: "the file is UTF-16",
                allowed: "allowed: UTF-8",
                remedy: "save it as UTF-8")
        }
        let octets = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw ConfigurationFault(
                at: firstInvalid(octets, file: file), problem: "this is not UTF-8", allowed: "allowed: UTF-8",
                remedy: "save the file as UTF-8")
        }
        try refuseStrangeCharacters(text, file: file)
        try refuseManyAliases(Array(octets), file: file)
        return text
    }

    /// The place of the first byte that is no UTF-8.
    private static func firstInvalid(_ octets: ArraySlice<UInt8>, file: String) -> SourcePosition {
        var line = 1
        var start = octets.startIndex
        for index in octets.indices where octets[index] == 0x0A {
            guard String(validating: octets[start..<index], as: UTF8.self) != nil else { break }
            line += 1
            start = index + 1
        }
        var column = 1
        var index = start
        while index < octets.endIndex, octets[index] != 0x0A {
            let length =
                switch octets[index] {
                case 0..<0x80: 1
                case 0xC2..<0xE0: 2
                case 0xE0..<0xF0: 3
                default: 4
                }
            let end = min(index + length, octets.endIndex)
            guard String(validating: octets[index..<end], as: UTF8.self) != nil else { break }
            index = end
            column += 1
        }
        return SourcePosition(file: file, line: line, column: column)
    }

    /// Controls but tab, line feed and carriage return, and line ends that editors do not count, are refused:
    /// a place that is counted differently would mislead.
    private static func refuseStrangeCharacters(_ text: String, file: String) throws(ConfigurationFault) {
        var line = 1
        var column = 1
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A:
                line += 1
                column = 1
                continue
            case 0x09, 0x0D: break
            case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let name = String(scalar.value, radix: 16, uppercase: true)
                let code = String(repeating: "0", count: max(0, 4 - name.count)) + name
                throw ConfigurationFault(
                    at: SourcePosition(file: file, line: line, column: column),
                    problem: "the character U+\(code) stands here", allowed: "allowed: text without control characters",
                    remedy: "delete it")
            default: break
            }
            column += 1
        }
    }

    private static func refuseManyAliases(_ octets: [UInt8], file: String) throws(ConfigurationFault) {
        var count = 0
        var line = 1
        var column = 1
        for index in octets.indices {
            let octet = octets[index]
            if octet == UInt8(ascii: "*"), index + 1 < octets.count, isAnchorName(octets[index + 1]) {
                count += 1
                if count > mostAliasLookAlikes {
                    throw aliasFault(at: SourcePosition(file: file, line: line, column: column))
                }
            }
            if octet == 0x0A {
                line += 1
                column = 1
            } else if octet & 0xC0 != 0x80 {
                column += 1
            }
        }
    }

    /// libyaml's own idea of a character of an anchor's name.
    private static func isAnchorName(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// The refusal of a file over `longestFile` bytes.
    static func sizeFault(at position: SourcePosition) -> ConfigurationFault {
        ConfigurationFault(
            at: position, problem: "larger than 1 MiB", allowed: "allowed: 1 MiB a configuration file")
    }

    /// The refusal of anchors (`&name`) and aliases (`*name`).
    static func aliasFault(at position: SourcePosition) -> ConfigurationFault {
        ConfigurationFault(
            at: position, problem: "an anchor (&name) or alias (*name) stands here",
            allowed: "neither is read in this file", remedy: "write the value out")
    }
}
