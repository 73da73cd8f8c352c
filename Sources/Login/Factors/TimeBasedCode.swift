public import Core
import HostCrypto

/// Codes of authenticator apps: TOTP (RFC 6238) over HOTP (RFC 4226), with SHA-1, six digits and steps of 30 seconds,
/// which is what every app can.
public enum TimeBasedCode {
    /// Bytes of a new secret (RFC 4226 §4 R6 recommends 160 bits).
    public static let secretByteCount = 20
    public static let digitCount = 6
    /// A step, in seconds.
    public static let period = 30
    /// So many steps before and after today's are good as well: clocks differ, and people type slowly (RFC 6238 §5.2).
    static let window: Int64 = 1

    enum Algorithm: Sendable {
        case sha1, sha256, sha512
    }

    /// A new random secret.
    public static func newSecret() -> [UInt8] { SecureRandom.bytes(secretByteCount) }

    /// The step that a moment lies in: T of RFC 6238 §4.2, from 1970 on.
    public static func step(at now: WallTime) -> Int64 {
        let length = Int64(period) * 1000
        let (quotient, rest) = now.milliseconds.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// The code of a step.
    public static func code(_ secret: borrowing SecretBytes, step: Int64) -> String {
        code(secret, counter: UInt64(bitPattern: step), digits: digitCount, .sha1)
    }

    /// The step whose code was typed, the newest if there are several; nil where it is another code or none.
    public static func match(_ typed: String, _ secret: borrowing SecretBytes, at now: WallTime) -> Int64? {
        normalised(typed).flatMap { matches($0, secret, at: now).last }
    }

    /// The six digits of what was typed, with blanks or digits of another script; nil for anything else.
    public static func normalised(_ typed: String) -> String? { TypedCode.digits(typed, count: digitCount) }

    /// The steps near now that have this code, the oldest first; in a time that does not depend on which it is.
    /// - Parameter code: six ASCII digits.
    static func matches(_ code: String, _ secret: borrowing SecretBytes, at now: WallTime) -> [Int64] {
        let (today, typed) = (step(at: now), Array(code.utf8))
        var found: [Int64] = []
        for step in (today - window)...(today + window) {
            if ConstantTime.isEqual(Array(Self.code(secret, step: step).utf8), typed) { found.append(step) }
        }
        return found
    }

    /// HOTP with dynamic truncation (RFC 4226 §5.3), by any of the hashes that RFC 6238 §1.2 names.
    /// - Parameter digits: 6…9.
    static func code(
        _ secret: borrowing SecretBytes, counter: UInt64, digits: Int, _ algorithm: Algorithm
    ) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
        let hash =
            switch algorithm {
            case .sha1: HMACSHA1.code(for: message, key: secret)
            case .sha256: HMACSHA256.code(for: message, key: secret)
            case .sha512: HMACSHA512.code(for: message, key: secret)
            }
        let offset = Int(hash[hash.count - 1] & 0x0F)
        let number = hash[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number)
        return String((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).suffix(digits))
    }
}
