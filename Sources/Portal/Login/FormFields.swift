import Core
import Login

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
    /// The field that holds a password, to be proved or to be set.
    static let password = "password"
    /// Beside it, where both are asked for: the password that is replaced.
    static let currentPassword = "current_password"
    /// What never becomes a `String`.
    private static let secretNames = [password, currentPassword]

    private var values: [String: String] = [:]
    /// Decoded passwords; none where the field did not come or was handed over, empty where it is too long.
    private var secrets: [String: [UInt8]] = [:]
    /// Those that are longer than any that is looked at.
    private var tooLong: Set<String> = []

    /// A field that may be longer than others.
    struct LongField: Sendable {
        let name: String
        /// In bytes, after decoding.
        let longest: Int
    }

    /// No fields.
    init() {}

    /// Reads `octets`.
    /// - Parameter long: the fields whose values may be longer than `longestValue`; the endpoint alone knows them.
    init(_ octets: some Collection<UInt8>, admitting long: [LongField] = []) throws(Fault) {
        let pairs = octets.split(separator: UInt8(ascii: "&"), maxSplits: Self.mostFields)
        guard pairs.count <= Self.mostFields else { throw .tooMany }
        for pair in pairs {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            guard let name = String(validating: try Self.decode(pair[..<(equals ?? pair.endIndex)]), as: UTF8.self)
            else { throw .malformed }
            guard name.utf8.count <= Self.longestName else { throw .tooLong }
            let encoded = equals.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...]
            var value = try Self.decode(encoded)
            guard !Self.secretNames.contains(name) else {
                guard secrets[name] == nil else { throw .repeated }
                if value.count > Self.longestPassword {
                    tooLong.insert(name)
                    Wiping.wipe(&value)
                }
                secrets[name] = value
                continue
            }
            let longest = long.first { $0.name == name }?.longest ?? Self.longestValue
            guard value.count <= longest else { throw .tooLong }
            guard let text = String(validating: value, as: UTF8.self) else { throw .malformed }
            guard values.updateValue(text, forKey: name) == nil else { throw .repeated }
        }
    }

    /// The value of a field; nil where it did not come.
    subscript(name: String) -> String? { values[name] }

    /// True where the password came, empty or not.
    var hasPassword: Bool { secrets[Self.password] != nil }
    /// True where it came and is not empty.
    var hasFilledPassword: Bool { isFilled(Self.password) }
    /// True where the password is longer than any that is looked at.
    var isPasswordTooLong: Bool { tooLong.contains(Self.password) }

    /// True where a password came and is not empty.
    func isFilled(_ name: String) -> Bool { tooLong.contains(name) || secrets[name]?.isEmpty == false }

    /// Hands a password over, once, and forgets it; nil where there is none to look at.
    mutating func takePassword(_ name: String = password) -> SecretBytes? {
        guard !tooLong.contains(name), var bytes = secrets.removeValue(forKey: name), !bytes.isEmpty else { return nil }
        return SecretBytes(wiping: &bytes)
    }

    /// Hands a password over that is to be judged: what is missing is empty, what is too long stays too long.
    mutating func takeNewPassword() -> SecretBytes {
        if isPasswordTooLong {
            secrets[Self.password] = nil
            return SecretBytes(copying: [UInt8](repeating: 0x2D, count: NormalizedPassword.bounds.upperBound + 1))
        }
        return takePassword() ?? SecretBytes(copying: [UInt8]())
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
