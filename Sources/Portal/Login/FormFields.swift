import Core

/// The fields of a submitted form or of a query, `application/x-www-form-urlencoded` (URL §5.1), read strictly: what
/// two readers could understand differently is refused.
struct FormFields: Sendable {
    /// Why there are no fields to read.
    enum Fault: Error, Hashable {
        /// More than `mostFields`.
        case tooMany
        /// A value of more than `longestValue` bytes, or a name of more than `longestName`.
        case tooLong
        /// `%` without two hexadecimal digits, or bytes that are no UTF-8.
        case malformed
        /// A name came twice.
        case repeated
    }

    static let mostFields = 64
    static let longestName = 64
    /// In bytes, after decoding.
    static let longestValue = 16 * 1024
    /// Passwords may be longer, so that one that is too long is refused as a wrong one and tells nothing else.
    static let longestPassword = 64 * 1024
    /// The one field that holds a secret: it never becomes a `String`.
    static let password = "password"

    private var values: [String: String] = [:]
    /// The decoded password; nil where the field did not come or was handed over, empty where it is too long.
    private var secret: [UInt8]?
    /// True where the password is longer than any that is looked at.
    private(set) var isPasswordTooLong = false

    /// No fields.
    init() {}

    /// Reads `octets`.
    init(_ octets: some Collection<UInt8>) throws(Fault) {
        let pairs = octets.split(separator: UInt8(ascii: "&"), maxSplits: Self.mostFields)
        guard pairs.count <= Self.mostFields else { throw .tooMany }
        for pair in pairs {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            guard let name = String(validating: try Self.decode(pair[..<(equals ?? pair.endIndex)]), as: UTF8.self)
            else { throw .malformed }
            guard name.utf8.count <= Self.longestName else { throw .tooLong }
            let encoded = equals.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...]
            var value = try Self.decode(encoded)
            guard name != Self.password else {
                guard secret == nil else { throw .repeated }
                isPasswordTooLong = value.count > Self.longestPassword
                if isPasswordTooLong { Wiping.wipe(&value) }
                secret = value
                continue
            }
            guard value.count <= Self.longestValue else { throw .tooLong }
            guard let text = String(validating: value, as: UTF8.self) else { throw .malformed }
            guard values.updateValue(text, forKey: name) == nil else { throw .repeated }
        }
    }

    /// The value of a field; nil where it did not come.
    subscript(name: String) -> String? { values[name] }

    /// True where the password came, empty or not.
    var hasPassword: Bool { secret != nil }
    /// True where it came and is not empty.
    var hasFilledPassword: Bool { isPasswordTooLong || secret?.isEmpty == false }

    /// Hands the password over, once, and forgets it; nil where there is none to look at.
    mutating func takePassword() -> SecretBytes? {
        guard var bytes = secret, !bytes.isEmpty else { return nil }
        secret = nil
        return SecretBytes(wiping: &bytes)
    }

    private static func decode(_ octets: some Collection<UInt8>) throws(Fault) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var index = octets.startIndex
        while index != octets.endIndex {
            let octet = octets[index]
            octets.formIndex(after: &index)
            switch octet {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = digit(octets, &index), let low = digit(octets, &index) else { throw .malformed }
                decoded.append(high << 4 | low)
            default: decoded.append(octet)
            }
        }
        return decoded
    }

    private static func digit<Octets: Collection<UInt8>>(_ octets: Octets, _ index: inout Octets.Index) -> UInt8? {
        guard index != octets.endIndex else { return nil }
        defer { octets.formIndex(after: &index) }
        return ASCII.hexadecimalValue(octets[index])
    }
}
