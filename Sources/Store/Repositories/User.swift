public import Core
public import HostCrypto

/// A user of one tenant, opened.
public struct User: Hashable, Sendable {
    /// Whether the user may sign in.
    public enum State: Int64, CaseIterable, Hashable, Sendable {
        case active = 1
        /// The invitation has not been taken up.
        case invited = 2
        case disabled = 3
    }

    public let id: UserID
    public var state: State
    /// Roles given to the user; default roles of the catalogue are not among them.
    public var roles: [RoleName]
    /// As it was typed; look-ups use `NormalizedEmail`.
    public internal(set) var email: String
    public var name: String
    /// What the tenant's own directory calls the user.
    public var externalID: String?
    /// Sessions of an earlier epoch have ended.
    public internal(set) var epoch: Int64 = 1
    public internal(set) var createdAt = WallTime(milliseconds: 0)
    public internal(set) var changedAt = WallTime(milliseconds: 0)
    /// Whether a password is set.
    public var hasPassword: Bool { !passwords.isEmpty }
    /// The current password's hash, ours or one that the user brought along; nil where the user has none.
    public var passwordHash: PasswordHash? { passwords.first.flatMap { PasswordHash($0) } }
    /// The current password's hash and those before it, the latest first, for the rule that none comes back.
    public var passwordHashes: [PasswordHash] { passwords.compactMap { PasswordHash($0) } }
    /// Whether the user chooses another password at the next login, before a session begins.
    public internal(set) var mustChangePassword = false
    /// Whether the user has an authenticator app or a passkey.  It stands in the user's own record, so that whoever can
    /// delete the factors' rows takes nobody's second factor away.
    public internal(set) var hasSecondFactor = false
    /// Encoded hashes, the current one first.
    var passwords: [String] = []

    /// A user to be written.
    public init(
        id: UserID = .random(), state: State = .active, roles: [RoleName] = [], email: String, name: String,
        externalID: String? = nil
    ) {
        self.id = id
        self.state = state
        self.roles = roles
        self.email = email
        self.name = name
        self.externalID = externalID
    }
}

extension User {
    /// Stands before the hashes where the password must be changed; no hash begins so.
    private static let mustChangeMark = "must-change"
    /// Stands behind the external id, or nothing in its place, of users who have a second factor.
    private static let secondFactorMark = "second-factor"

    /// Takes another password on.
    /// - Parameter history: former hashes to keep, 0…24.
    mutating func setPassword(_ hash: Argon2id.EncodedHash, history: Int, mustChange: Bool = false) {
        passwords = [hash.text] + passwords.prefix(min(max(0, history), UserRepository.longestHistory))
        mustChangePassword = mustChange
    }

    /// What is sealed as the record.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(email)
        encoder.append(name)
        if hasSecondFactor {
            encoder.append(externalID ?? "")
            encoder.append(Self.secondFactorMark)
        } else if let externalID {
            encoder.append(externalID)
        }
        return encoder.bytes
    }

    mutating func readSealedPart(_ bytes: [UInt8]) throws {
        var decoder = FieldDecoder(bytes)
        (email, name) = try (decoder.text(), decoder.text())
        externalID = decoder.isAtEnd ? nil : try decoder.text()
        hasSecondFactor = try !decoder.isAtEnd && decoder.text() == Self.secondFactorMark
        if hasSecondFactor, externalID == "" { externalID = nil }
    }

    /// What is sealed beside it; nil without a password.
    var passwordPart: [UInt8]? {
        guard hasPassword else { return nil }
        var encoder = FieldEncoder()
        if mustChangePassword { encoder.append(Self.mustChangeMark) }
        for password in passwords { encoder.append(password) }
        return encoder.bytes
    }

    mutating func readPasswordPart(_ bytes: [UInt8]) throws {
        var decoder = FieldDecoder(bytes)
        passwords = []
        while !decoder.isAtEnd { passwords.append(try decoder.text()) }
        mustChangePassword = passwords.first == Self.mustChangeMark
        if mustChangePassword { passwords.removeFirst() }
    }
}
