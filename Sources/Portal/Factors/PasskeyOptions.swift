import Core
import FoundationEssentials
import Login

/// What a page asks the browser for, as the JSON of the attribute `data-options`: bytes as base64url, which the script
/// turns into buffers (WebAuthn L3 §5.4 and §5.5).
enum PasskeyOptions {
    /// How long the browser should wait for its user, in milliseconds (WebAuthn L3 §15.1 recommends 300,000 and more).
    private static let timeout = 300_000

    /// For `navigator.credentials.get()`.  Every form of a sign-in carries it, so it is written here, without the encoder,
    /// which takes ten times as long for it.
    static func request(_ request: PasskeyRequest, challenge: [UInt8]) -> String {
        let allowed = request.credentials.map { credential in
            let transports = credential.transports.map(quoted).joined(separator: ",")
            return #"{"id":\#(quoted(encoded(credential.id))),"transports":[\#(transports)],"type":"public-key"}"#
        }
        let verification = request.requiresUserVerification ? "required" : "preferred"
        return #"{"allowCredentials":[\#(allowed.joined(separator: ","))],"challenge":\#(quoted(encoded(challenge))),"#
            + #""rpId":\#(quoted(request.rpID)),"timeout":\#(timeout),"userVerification":"\#(verification)"}"#
    }

    /// A string of JSON.
    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONString.append(Array(text.utf8).span, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// For `navigator.credentials.create()`: a passkey that is found without a name, and verifies its user, wherever the
    /// authenticator can do both.
    static func creation(_ creation: PasskeyCreation, challenge: [UInt8]) -> String {
        text(
            Creation(
                challenge: encoded(challenge),
                rp: Creation.Party(id: creation.realm.rpID, name: creation.realm.name),
                user: Creation.User(
                    id: encoded(creation.userHandle), name: creation.userName, displayName: creation.displayName),
                pubKeyCredParams: PasskeyRealm.algorithms.map { Creation.Algorithm(alg: $0) },
                excludeCredentials: creation.excluded.map(Descriptor.init),
                authenticatorSelection: Creation.Selection(),
                attestation: creation.realm.asksForAttestation ? "direct" : "none", timeout: timeout))
    }

    private struct Descriptor: Encodable {
        var type = "public-key"
        let id: String
        let transports: [String]

        init(_ credential: PasskeyRequest.Credential) {
            id = PasskeyOptions.encoded(credential.id)
            transports = credential.transports
        }
    }

    private struct Creation: Encodable {
        struct Party: Encodable {
            let id: String
            let name: String
        }

        struct User: Encodable {
            let id: String
            let name: String
            let displayName: String
        }

        struct Algorithm: Encodable {
            var type = "public-key"
            let alg: Int
        }

        struct Selection: Encodable {
            var residentKey = "preferred"
            var requireResidentKey = false
            var userVerification = "preferred"
        }

        let challenge: String
        let rp: Party
        let user: User
        let pubKeyCredParams: [Algorithm]
        let excludeCredentials: [Descriptor]
        let authenticatorSelection: Selection
        let attestation: String
        let timeout: Int
    }

    private static func encoded(_ octets: [UInt8]) -> String { Base64.encode(octets, alphabet: .url) }

    /// On one line, keys sorted: texts and whole numbers, which can always be encoded.
    private static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
