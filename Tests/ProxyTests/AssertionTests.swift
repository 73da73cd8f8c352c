import Access
import Core
import Foundation
import HostCrypto
import Testing

@testable import Proxy

@Suite("Signed assertions")
struct AssertionTests {
    private static let key = ES256PrivateKey()
    private let signer = AssertionSigner(
        key: key, issuer: "https://app.example.org:8443", audiences: ["app", "reports \"2\""])

    private func entry(roles: [String] = ["user", "admin"], email: String = "mia@acme.example") throws -> SessionEntry {
        let now = MonotonicInstant(milliseconds: 1)
        return SessionEntry(
            handle: try #require(SessionHandle("s-1")), tenant: try #require(TenantID("acme")),
            user: UserID(high: 1, low: 2), email: email, name: "Mia", roles: roles.compactMap(RoleName.init),
            assurance: Assurance([.password, .totp], at: now), lastUse: now, absoluteDeadline: now)
    }

    private func parts(_ line: [UInt8]) throws -> (header: [String: Any], claims: [String: Any], isSigned: Bool) {
        let text = String(decoding: line, as: UTF8.self)
        try #require(text.hasPrefix("X-Gatehouse-Assertion: ") && text.hasSuffix("\r\n"))
        let token = text.dropFirst("X-Gatehouse-Assertion: ".count).dropLast()
        let pieces = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(pieces.count == 3)
        let bytes = try pieces.map { try #require(Base64.decode($0.utf8, alphabet: .url)) }
        func object(_ bytes: [UInt8]) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        }
        let isSigned = Self.key.publicKey.isSignature(bytes[2], of: Array("\(pieces[0]).\(pieces[1])".utf8))
        return (try object(bytes[0]), try object(bytes[1]), isSigned)
    }

    @Test("an assertion says who, whose tenant, for whom and for how long, and its signature is the key's")
    func claims() throws {
        let (header, claims, isSigned) = try parts(
            signer.line(of: entry(email: "m\"ü@acme.example"), upstream: 1, issuedAt: 1000))
        #expect(isSigned)
        #expect(header["alg"] as? String == "ES256")
        #expect(header["kid"] as? String == Self.key.publicKey.thumbprint)
        #expect(claims["iss"] as? String == "https://app.example.org:8443")
        #expect(claims["aud"] as? String == "reports \"2\"")
        #expect(claims["iat"] as? Int == 1000)
        #expect(claims["exp"] as? Int == 1060)
        #expect(claims["sub"] as? String == "00000000-0000-0001-0000-000000000002")
        #expect(claims["tenant"] as? String == "acme")
        #expect(claims["email"] as? String == "m\"ü@acme.example")
        #expect(claims["roles"] as? [String] == ["user", "admin"])
        #expect(claims["amr"] as? [String] == ["password", "totp"])
        #expect(claims["sid"] as? String == "s-1")
    }

    @Test(
        "it is signed once, and anew when less than half its time is left, the roles change or the clock was set back")
    func renewal() throws {
        var cache = AssertionCache()
        let entry = try entry()
        func line(_ second: Int64, version: UInt32 = 1, upstream: Int = 0) -> [UInt8] {
            cache.line(slot: 3, version: version, upstream: upstream, upstreams: 2, second: second)
                ?? cache.sign(
                    entry, slot: 3, version: version, upstream: upstream, upstreams: 2, second: second, signer: signer)
        }
        let first = line(1000)
        #expect(line(1030) == first)
        #expect(cache.signatures == 1)
        #expect(line(1031) != first)
        #expect(cache.signatures == 2)
        _ = line(1031, version: 2)
        #expect(cache.signatures == 3)
        _ = line(1031, upstream: 1)
        #expect(cache.signatures == 4)
        _ = line(900, version: 2)
        #expect(cache.signatures == 5)
    }

    @Test("sessions that share a place get each their own, and nothing is known of a slot that was never asked for")
    func places() throws {
        var cache = AssertionCache()
        let (mia, ben) = (try entry(), try entry(email: "ben@acme.example"))
        func line(_ slot: Int, _ entry: SessionEntry) -> [UInt8] {
            cache.line(slot: slot, version: 1, upstream: 0, upstreams: 1, second: 1)
                ?? cache.sign(entry, slot: slot, version: 1, upstream: 0, upstreams: 1, second: 1, signer: signer)
        }
        #expect(try parts(line(1, mia)).claims["email"] as? String == "mia@acme.example")
        #expect(
            try parts(line(1 + AssertionCache.bound, ben)).claims["email"] as? String == "ben@acme.example")
        #expect(try parts(line(1, mia)).claims["email"] as? String == "mia@acme.example")
        #expect(cache.signatures == 3)
        #expect(cache.line(slot: 2, version: 1, upstream: 0, upstreams: 1, second: 1) == nil)
    }
}
