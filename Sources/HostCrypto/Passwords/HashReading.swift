import Core

/// Reads the parts that the forms of password hashes are made of, each within its bounds.
enum HashReading {
    /// A decimal number without sign, blanks or leading zeros; nil for anything else, and beyond nine digits.
    static func number(_ text: some StringProtocol) -> Int? {
        let digits = Array(text.utf8)
        guard (1...9).contains(digits.count), digits.count == 1 || digits[0] != UInt8(ascii: "0"),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// As above, behind `name`, such as `m=65536`.
    static func number(_ text: some StringProtocol, after name: String) -> Int? {
        text.hasPrefix(name) ? number(text.dropFirst(name.count)) : nil
    }

    /// Base64 of the standard alphabet, padded or not; nil for anything else.
    static func base64(_ text: some StringProtocol) -> [UInt8]? {
        var octets = Array(text.utf8)
        while octets.last == UInt8(ascii: "="), octets.count % 4 != 1 { octets.removeLast() }
        guard !octets.contains(UInt8(ascii: "=")) else { return nil }
        let padding = repeatElement(UInt8(ascii: "="), count: (4 - octets.count % 4) % 4)
        return Base64.decode(octets + padding, alphabet: .standard)
    }

    /// As above in the spelling of passlib, which writes `.` for `+`.
    static func adaptedBase64(_ text: some StringProtocol) -> [UInt8]? {
        base64(String(decoding: text.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "+") : $0 }, as: UTF8.self))
    }
}
