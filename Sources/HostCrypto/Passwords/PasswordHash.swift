public import Core

/// The hash of a password as it is kept: one of ours, or one that its owner brought along.
public enum PasswordHash: Hashable, Sendable {
    case own(Argon2id.EncodedHash)
    case foreign(ForeignHash)

    /// Reads what `text` gave; nil for anything that is not taken.
    public init?(_ text: String) {
        if let hash = Argon2id.EncodedHash(text) {
            self = .own(hash)
        } else {
            guard let hash = try? ForeignHash(text) else { return nil }
            self = .foreign(hash)
        }
    }

    /// Reads what another system wrote.  One of our own form is held against the bounds for foreign ones, too.
    /// - Throws: `ForeignHash.Flaw`: what is wrong, and what is allowed.
    public static func importing(_ text: String) throws(ForeignHash.Flaw) -> PasswordHash {
        let foreign = try ForeignHash(text)
        return Argon2id.EncodedHash(text).map { .own($0) } ?? .foreign(foreign)
    }

    /// As it is kept.
    public var text: String {
        switch self {
        case .own(let hash): hash.text
        case .foreign(let hash): hash.text
        }
    }

    /// What it costs to verify.
    public var work: HashWork {
        switch self {
        case .own(let hash): hash.cost.work
        case .foreign(let hash): hash.work
        }
    }

    /// Whether it should be made anew by us, at the cost wanted now.
    public func needsRehash(for wanted: Argon2id.Cost) -> Bool {
        switch self {
        case .own(let hash): hash.needsRehash(for: wanted)
        case .foreign: true
        }
    }

    /// Whether it is the password's.
    public func isHash(of password: borrowing SecretBytes) throws(Argon2id.Fault) -> Bool {
        switch self {
        case .own(let hash): try Argon2id.isPassword(password, of: hash)
        case .foreign(let hash): try hash.isHash(of: password)
        }
    }
}
