import Core

/// What the browser says of the ceremony (WebAuthn L3 §5.8.1).  Texts are octets: `String` would hold texts equal that
/// differ.  Members that are not known are passed over, as the standard asks.
struct ClientData: Sendable {
    /// The ceremony as the browser names it.
    enum Kind: String {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    private let type: [UInt8]
    private let challenge: [UInt8]
    private let origin: [UInt8]
    private let isCrossOrigin: Bool
    private let topOrigin: [UInt8]?
    private let hasTokenBinding: Bool

    /// Decodes UTF-8, without a byte order mark (§7.1 step 5), and reads the JSON (step 6).
    init(reading bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count <= CeremonyBounds.longestClientData else { throw .clientDataTooLong }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        guard let value = try? JSONReader.read(text), case .object(let members) = value,
            case .text(let type) = members[Self.name("type")],
            case .text(let challenge) = members[Self.name("challenge")],
            case .text(let origin) = members[Self.name("origin")]
        else { throw .clientDataMalformed }
        (self.type, self.challenge, self.origin) = (type, challenge, origin)
        switch members[Self.name("crossOrigin")] {
        case nil: isCrossOrigin = false
        case .flag(let flag): isCrossOrigin = flag
        default: throw .clientDataMalformed
        }
        switch members[Self.name("topOrigin")] {
        case nil: topOrigin = nil
        case .text(let text): topOrigin = text
        default: throw .clientDataMalformed
        }
        guard case .object(let binding) = members[Self.name("tokenBinding")] else {
            hasTokenBinding = false
            return
        }
        hasTokenBinding = binding[Self.name("status")] == .text(Self.name("present"))
    }

    private static func name(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// §7.1 step 7, §7.2 step 10.
    func requireType(_ kind: Kind) throws(WebAuthnRefusal) {
        guard type == Self.name(kind.rawValue) else { throw .typeMismatch }
    }

    /// §7.1 step 8, §7.2 step 11.
    func requireChallenge(_ expected: [UInt8]) throws(WebAuthnRefusal) {
        guard challenge == Base64.encodedOctets(expected, alphabet: .url) else { throw .challengeMismatch }
    }

    /// §7.1 step 9, §7.2 step 12: the origin, one of those expected.
    func requireOrigin(of party: RelyingParty) throws(WebAuthnRefusal) -> String {
        guard let origin = party.origins.first(where: { Array($0.utf8) == origin }) else { throw .originRefused }
        return origin
    }

    /// §7.1 steps 10 and 11, §7.2 steps 13 and 14.
    func requireEmbedding(of party: RelyingParty) throws(WebAuthnRefusal) {
        guard isCrossOrigin || topOrigin != nil else { return }
        guard case .within(let origins) = party.embedding else { throw .crossOriginRefused }
        guard let topOrigin else { return }
        guard origins.contains(where: { Array($0.utf8) == topOrigin }) else { throw .crossOriginRefused }
    }

    /// Level 3 keeps the member's name without a meaning; Level 2 §7.1 step 10 compares it with the connection, which
    /// never has a token binding here.  Whoever says otherwise spoke with another server.
    func requireNoTokenBinding() throws(WebAuthnRefusal) {
        guard !hasTokenBinding else { throw .tokenBindingRefused }
    }
}
