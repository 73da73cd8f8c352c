public import Core

/// A mail that waits to be sent: what it says, not yet how it looks.
public struct Letter: Hashable, Sendable {
    /// The address as it is stored with the user; sealed at rest.
    public var recipient: String
    /// Which mail it is: `[a-z-]+`, 64 bytes at most, such as `password-reset`.
    public var kind: String
    /// `en` or `de`.
    public var language: String
    /// What the template fills in, by name; sealed at rest.
    public var fields: [String: String]
    /// It is given up then.
    public var expiresAt: WallTime

    public init(
        recipient: String, kind: String, language: String, fields: [String: String], expiresAt: WallTime
    ) {
        self.recipient = recipient
        self.kind = kind
        self.language = language
        self.fields = fields
        self.expiresAt = expiresAt
    }
}

/// A letter as it was found in the outbox.
public struct WaitingLetter: Hashable, Sendable {
    public let id: RowID
    /// Whom it is about, and whose key it is sealed under.
    public let user: UserID
    public let letter: Letter
    public let postedAt: WallTime
    /// How often its sending has been tried.
    public let attempts: Int
}

extension Letter {
    /// What is sealed: everything that says who is written to, and what.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(recipient)
        encoder.append(language)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            encoder.append(name)
            encoder.append(value)
        }
        return encoder.bytes
    }

    init(kind: String, expiresAt: WallTime, sealedPart bytes: [UInt8]) throws(FieldDecoder.Malformed) {
        var decoder = FieldDecoder(bytes)
        self.init(
            recipient: try decoder.text(), kind: kind, language: try decoder.text(), fields: [:], expiresAt: expiresAt)
        while !decoder.isAtEnd {
            let name = try decoder.text()
            fields[name] = try decoder.text()
        }
    }
}
