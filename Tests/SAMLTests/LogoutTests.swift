import Core
import Foundation
import Testing

@testable import SAML

@Suite("Single logout")
struct LogoutTests {
    static let place = "https://acme.example.org/slo"
    let world: World
    let subject = VerifiedAssertion.NameID(
        value: World.user, format: NameIDFormat.persistent.rawValue, nameQualifier: "q", ownQualifier: nil)

    init() throws { world = try World() }

    private func request(_ place: String = Self.place, entity: String = World.provider) -> LogoutRequest {
        LogoutRequest(
            id: "_l1", issuedAt: World.now, entityID: entity, destination: place, subject: subject,
            sessionIndex: "_s7")
    }

    private func verifier(at seconds: Int64 = 0, algorithms: AlgorithmPolicy = .current) -> LogoutVerifier {
        LogoutVerifier(
            provider: world.metadata, destination: Self.place,
            now: WallTime(milliseconds: World.now.milliseconds + seconds * 1000), skew: .seconds(60),
            algorithms: algorithms)
    }

    private func query(_ address: String) -> LogoutVerifier.Arrival {
        .query(Array(address.split(separator: "?", maxSplits: 1)[1].utf8))
    }

    private func reason<Message>(_ outcome: LogoutVerifier.Outcome<Message>) -> SAMLReason? {
        switch outcome.result {
        case .success: nil
        case .failure(let refusal): refusal.reason
        }
    }

    @Test("a provider's request names the user and the session, by either binding")
    func request() throws {
        let field = LogoutVerifier.Arrival.field(Array(request().field(key: world.key, certificate: nil).utf8))
        for arrival in [query(request().redirect(relayState: nil, key: world.key)), field] {
            let heard = try verifier().request(arrival).result.get()
            #expect(heard.id == "_l1" && heard.subject == subject && heard.sessionIndexes == ["_s7"])
        }
    }

    @Test("what is not signed by the provider, not for us, not from it or not of now is refused")
    func refused() throws {
        let good = request().redirect(relayState: "x", key: world.key)
        #expect(reason(verifier().request(query(good))) == nil)
        let other = request().redirect(relayState: "x", key: world.strangersKey)
        #expect(reason(verifier().request(query(other))) == .signatureInvalid)
        #expect(
            reason(verifier().request(query(good.replacing("RelayState=x", with: "RelayState=y")))) == .signatureInvalid
        )
        let unsigned = String(good.prefix(upTo: try #require(good.range(of: "&SigAlg")).lowerBound))
        #expect(reason(verifier().request(query(unsigned))) == .signatureMissing)
        #expect(reason(verifier().request(query(good + "&RelayState=x"))) == .elementMalformed)
        let sha1 = good.replacing("rsa-sha256", with: "rsa-sha1")
        #expect(reason(verifier().request(query(sha1))) == .signatureMethodRefused)
        let elsewhere = request("https://other.example/slo").redirect(relayState: nil, key: world.key)
        #expect(reason(verifier().request(query(elsewhere))) == .destinationMismatch)
        let stranger = request(entity: "urn:x").redirect(relayState: nil, key: world.key)
        #expect(reason(verifier().request(query(stranger))) == .issuerMismatch)
        #expect(reason(verifier(at: 360).request(query(good))) == nil)
        #expect(reason(verifier(at: 361).request(query(good))) == .expired)
        #expect(reason(verifier(at: -61).request(query(good))) == .tooEarly)
        let plain = Base64.encode(Array(request().document.utf8), alphabet: .standard)
        #expect(reason(verifier().request(.field(Array(plain.utf8)))) == .signatureMissing)
    }

    @Test("a connection that names its algorithms takes no other one, in a query and in a form")
    func algorithms() throws {
        let address = query(request().redirect(relayState: "x", key: world.key))
        let signed = world.key.signed(request().document, certificate: nil)
        let field = LogoutVerifier.Arrival.field(
            Array(Base64.encode(Array(signed.utf8), alphabet: .standard).utf8))
        for arrival in [address, field] {
            #expect(reason(verifier(algorithms: .only([.rsaSHA256])).request(arrival)) == nil)
            #expect(reason(verifier(algorithms: .only([.rsaSHA512])).request(arrival)) == .signatureMethodRefused)
        }
    }

    @Test("an answer is to our request, and says that it was done")
    func answer() throws {
        func made(_ status: LogoutAnswer.Status, to id: String) -> LogoutVerifier.Arrival {
            query(
                LogoutAnswer(
                    id: "_a1", issuedAt: World.now, entityID: World.provider, destination: Self.place, inResponseTo: id,
                    status: status
                ).redirect(relayState: "back", key: world.key))
        }
        #expect(try verifier().answer(made(.success, to: "_l1"), to: "_l1").result.get() == "back")
        #expect(reason(verifier().answer(made(.success, to: "_l2"), to: "_l1")) == .inResponseToMismatch)
        #expect(reason(verifier().answer(made(.responder, to: "_l1"), to: "_l1")) == .statusNotSuccess)
    }

    @Test("a message inflates to its bound and no further")
    func inflate() throws {
        let most = [UInt8](repeating: 0x20, count: 131_072)
        #expect(try Deflate.inflate(Deflate.deflate(most)) == most)
        let bomb = Deflate.deflate([UInt8](repeating: 0x20, count: 50_000_000))
        #expect(bomb.count < 64 * 1024)
        #expect { try Deflate.inflate(bomb) } throws: { ($0 as? SAMLRefusal)?.reason == .messageTooLarge }
        #expect { try Deflate.inflate([0xFF, 0x00]) } throws: { ($0 as? SAMLRefusal)?.reason == .deflateMalformed }
        #expect { try Deflate.inflate(Deflate.deflate(most) + [0]) } throws: {
            ($0 as? SAMLRefusal)?.reason == .deflateMalformed
        }
    }
}
