import Core
import Login

/// What the script puts into the field `passkey`: the browser's answer as JSON, bytes as base64url.
///
/// It is read strictly and within bounds, and nothing in it is believed: the verification is the standard's own.
enum PortalPasskey {
    /// The longest answer to `navigator.credentials.get()`, in bytes of JSON.
    static let longestAssertion = 8 * 1024
    /// The longest answer to `navigator.credentials.create()`: a form's field holds no more.
    static let longestRegistration = FormFields.longestValue
    /// Bytes of a credential's id (WebAuthn L3 §4).
    static let longestCredentialID = 1023
    /// Ways to an authenticator that are kept, and letters of each.
    static let mostTransports = 8
    static let longestTransport = 32

    /// An answer to `navigator.credentials.get()`; nil where it cannot be read, or is longer than may be.
    static func assertion(_ field: String) -> PasskeyAssertion? {
        guard let members = read(field, within: longestAssertion), let id = credentialID(members),
            let clientData = octets("clientDataJSON", members),
            let authenticatorData = octets("authenticatorData", members), let signature = octets("signature", members)
        else { return nil }
        var userHandle: [UInt8]?
        switch members["userHandle"] {
        case nil, .null, .text([]): userHandle = nil
        default:
            guard let handle = octets("userHandle", members) else { return nil }
            userHandle = handle
        }
        return PasskeyAssertion(
            credentialID: id, clientDataJSON: clientData, authenticatorData: authenticatorData, signature: signature,
            userHandle: userHandle)
    }

    /// An answer to `navigator.credentials.create()`, with the ways to its authenticator; nil as above.
    static func registration(_ field: String) -> (registration: PasskeyRegistration, transports: [String])? {
        guard let members = read(field, within: longestRegistration), credentialID(members) != nil,
            let clientData = octets("clientDataJSON", members),
            let attestation = octets("attestationObject", members)
        else { return nil }
        var transports: [String] = []
        if case .texts(let named) = members["transports"] {
            for name in named.prefix(mostTransports) where isTransport(name) {
                transports.append(String(decoding: name, as: UTF8.self))
            }
        }
        return (PasskeyRegistration(clientDataJSON: clientData, attestationObject: attestation), transports)
    }

    private static func read(_ field: String, within bound: Int) -> [String: JSONObjectReader.Value]? {
        guard (1...bound).contains(field.utf8.count) else { return nil }
        return try? JSONObjectReader.read(Array(field.utf8))
    }

    private static func credentialID(_ members: [String: JSONObjectReader.Value]) -> [UInt8]? {
        octets("id", members).flatMap { $0.count <= longestCredentialID ? $0 : nil }
    }

    /// At least one byte.
    private static func octets(_ name: String, _ members: [String: JSONObjectReader.Value]) -> [UInt8]? {
        guard case .text(let text) = members[name], let octets = Base64.decode(text, alphabet: .url), !octets.isEmpty
        else { return nil }
        return octets
    }

    /// Those that a browser may name in times to come have the same shape (WebAuthn L3 §5.8.4).
    private static func isTransport(_ name: [UInt8]) -> Bool {
        (1...longestTransport).contains(name.count)
            && name.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
