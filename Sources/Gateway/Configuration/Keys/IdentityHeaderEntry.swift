import Access

/// `identity_headers` as written.
struct IdentityHeaderEntry: Sendable {
    let signsAssertions: Bool
    let encoding: IdentityEncoding

    static let assertionKey = DefaultedKey(
        "assertion", ValueType<Bool>.boolean, default: "true",
        "Whether X-Gatehouse-Assertion, the signed form of the identity, is sent.")
    static let encodingKey = DefaultedKey(
        "encoding", ValueType<IdentityEncoding>.choice("an encoding"), default: "percent",
        "How names and addresses stand in headers: percent-encoded UTF-8, or as they are.")

    static let type = ValueType<IdentityHeaderEntry>.mapping([assertionKey, encodingKey]) { section, _ in
        IdentityHeaderEntry(signsAssertions: section[assertionKey], encoding: section[encodingKey])
    }
}
