import Access
import Core
public import HostCrypto

/// Makes assertions: JWTs (RFC 7519) signed with ES256, `iss` being `public_url` and `aud` the upstream's audience.
public struct AssertionSigner: Sendable {
    private let key: ES256PrivateKey
    /// `X-Gatehouse-Assertion: ` and the encoded header with its dot.
    private let start: [UInt8]
    /// `{"iss":"…","aud":"…",` for each upstream.
    private let claims: [[UInt8]]

    /// - Parameters:
    ///   - issuer: `public_url`.
    ///   - audiences: one for each upstream.
    public init(key: ES256PrivateKey, issuer: String, audiences: [String]) {
        self.key = key
        let kid = key.publicKey.thumbprint
        let header = Base64.encodedOctets(
            Array(#"{"alg":"ES256","typ":"JWT","kid":"\#(kid)"}"#.utf8), alphabet: .url)
        start = Array("X-Gatehouse-Assertion: ".utf8) + header + [0x2E]
        claims = audiences.map { audience in
            Array("{\"iss\":".utf8) + JSONText.quoted(issuer) + Array(",\"aud\":".utf8) + JSONText.quoted(audience)
        }
    }

    /// The header line, ended by CRLF.
    func line(of entry: SessionEntry, upstream: Int, issuedAt second: Int64) -> [UInt8] {
        var payload = claims[upstream]
        func append(_ name: String, _ value: [UInt8]) {
            payload += Array(",\"\(name)\":".utf8)
            payload += value
        }
        func list(_ words: [String]) -> [UInt8] {
            [0x5B] + Array(words.map(JSONText.quoted).joined(separator: [0x2C])) + [0x5D]
        }
        append("iat", Array(String(second).utf8))
        append("exp", Array(String(second + AssertionCache.lifetime).utf8))
        append("sub", JSONText.quoted(entry.user.description))
        append("tenant", JSONText.quoted(entry.tenant.text))
        append("email", JSONText.quoted(entry.email))
        append("roles", list(entry.roles.map(\.text)))
        append("amr", list(entry.assurance.factors.map(\.rawValue)))
        append("sid", JSONText.quoted(entry.handle.description))
        payload.append(0x7D)
        let prefix = "X-Gatehouse-Assertion: ".utf8.count
        var line = start + Base64.encodedOctets(payload, alphabet: .url)
        let signature = key.signature(of: Array(line[prefix...]))
        line.append(0x2E)
        line += Base64.encodedOctets(signature, alphabet: .url)
        line += [0x0D, 0x0A]
        return line
    }
}
