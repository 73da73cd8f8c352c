public import Core

/// A password's hash as another system made it, to be verified until its owner signs in and gets one of ours.
///
/// It is read once, against bounds that each have a name: a file that somebody brings can neither name a function that
/// is not known here nor ask for an hour's work.
public struct ForeignHash: Hashable, Sendable {
    /// Bytes of its text.
    public static let longest = 512

    /// Why a text is no hash that is taken, in words for whoever brought it.
    public struct Flaw: Error, Hashable, Sendable {
        public let words: String

        init(_ words: String) { self.words = words }

        static func beyond(_ what: String, _ found: Int, _ bounds: ClosedRange<Int>) -> Flaw {
            Flaw(
                "\(what): \(found); allowed: \(bounds.lowerBound) to \(bounds.upperBound); leave the hash out, and let "
                    + "the member set a new password")
        }
    }

    private enum Function: Hashable, Sendable {
        case bcrypt(BcryptHash)
        /// Django's `bcrypt_sha256`: bcrypt of the SHA-256 of the password, in hexadecimal.
        case bcryptOfSHA256(BcryptHash)
        case pbkdf2(PBKDF2Hash)
        case argon2id(ForeignArgon2id)
        case scrypt(ScryptHash)
    }

    /// As it came.
    public let text: String
    private let function: Function

    /// The forms that are taken, for messages.
    public static let forms =
        "$2b$… (bcrypt), $argon2id$…, $pbkdf2-sha256$…, $scrypt$…, Django's pbkdf2_sha256$…, bcrypt_sha256$…, argon2$… "
        + "and scrypt$…, ASP.NET Identity's base64"

    /// Reads any form that is known.
    /// - Throws: what is wrong, and what is allowed.
    public init(_ text: String) throws(Flaw) {
        guard text.utf8.count <= Self.longest else {
            throw Flaw("it has \(text.utf8.count) bytes; allowed: at most \(Self.longest)")
        }
        self.text = text
        function = try Self.function(text[...])
        guard work <= .most else {
            throw Flaw(
                "its cost is \(work.microseconds / 1000) ms of a common server's core; allowed: at most "
                    + "\(HashWork.most.microseconds / 1000) ms; leave the hash out, and let the member set a new password"
            )
        }
    }

    private static func function(_ text: Substring) throws(Flaw) -> Function {
        let name = text.prefix { $0 != "$" }
        switch name {
        case "": return try modular(text)
        case "pbkdf2_sha1", "pbkdf2_sha256": return .pbkdf2(try PBKDF2Hash(django: text))
        // Django writes the name before the hash's own form.
        case "bcrypt": return .bcrypt(try BcryptHash(text.dropFirst("bcrypt$".count)))
        case "bcrypt_sha256": return .bcryptOfSHA256(try BcryptHash(text.dropFirst("bcrypt_sha256$".count)))
        case "argon2": return .argon2id(try ForeignArgon2id(text.dropFirst("argon2".count)))
        case "scrypt": return .scrypt(try ScryptHash(django: text))
        default:
            if name.hasPrefix("{PBKDF2") { return .pbkdf2(try PBKDF2Hash(directory: text)) }
            if name.hasPrefix("!") || name.hasPrefix("*") {
                throw Flaw("it stands for no usable password; leave it out")
            }
            guard let octets = HashReading.base64(text), let first = octets.first, first <= 1 else { throw unknown }
            return .pbkdf2(try PBKDF2Hash(identity: octets))
        }
    }

    /// `$name$…`, the modular crypt format and its successor, PHC's string format.
    private static func modular(_ text: Substring) throws(Flaw) -> Function {
        let name = text.dropFirst().prefix { $0 != "$" }
        switch name {
        case "2a", "2b", "2y": return .bcrypt(try BcryptHash(text))
        case "argon2i", "argon2d", "argon2id": return .argon2id(try ForeignArgon2id(text))
        case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512": return .pbkdf2(try PBKDF2Hash(modular: text))
        case "scrypt": return .scrypt(try ScryptHash(modular: text))
        case "2", "2x":
            throw Flaw("it is bcrypt with a fault of its early years ($\(name)$); allowed: $2a$, $2b$, $2y$")
        default: throw unknown
        }
    }

    private static var unknown: Flaw { Flaw("its form is not known; allowed: \(forms)") }

    /// What it costs to verify.
    public var work: HashWork {
        switch function {
        case .bcrypt(let hash), .bcryptOfSHA256(let hash): hash.work
        case .pbkdf2(let hash): hash.work
        case .argon2id(let hash): hash.work
        case .scrypt(let hash): hash.work
        }
    }

    /// Whether it is the password's.  Takes as long for a right as for a wrong one.
    public func isHash(of password: borrowing SecretBytes) throws(Argon2id.Fault) -> Bool {
        let isHash =
            switch function {
            case .bcrypt(let hash): hash.isHash(of: password)
            case .bcryptOfSHA256(let hash): hash.isHash(of: Self.hexadecimalDigest(of: password))
            case .pbkdf2(let hash): hash.isHash(of: password)
            case .argon2id(let hash): hash.isHash(of: password)
            case .scrypt(let hash): hash.isHash(of: password)
            }
        guard let isHash else { throw .outOfMemory }
        return isHash
    }

    private static func hexadecimalDigest(of password: borrowing SecretBytes) -> SecretBytes {
        var digest = password.withBytes { bytes in
            let words = SHA256Digest.words(bytes)
            return [words.first, words.second, words.third, words.fourth].flatMap { word in
                (0..<16).map { ASCII.hexadecimalDigit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * $0))) }
            }
        }
        return SecretBytes(wiping: &digest)
    }
}
