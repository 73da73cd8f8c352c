import Core
import TestSupport
import Testing

@testable import SAML

@Suite("Responses of identity providers")
struct ResponseVerifierTests {
    let world: World

    init() throws { world = try World() }

    @Test(
        "what was signed is what is read",
        arguments: [
            "signed-assertion", "signed-response", "signed-both", "signed-elliptic", "signed-sha512", "encrypted-gcm",
            "encrypted-gcm-128-oaep-sha256", "encrypted-cbc-in-a-signed-response",
        ])
    func accepted(name: String) throws {
        let bytes = try TestFile.bytes("Vectors/saml/\(name).xml")
        let assertion = try ResponseVerifier(world.expectations()).verify(document: bytes).result.get()
        #expect(assertion.id == "_assertion-91d0")
        #expect(assertion.issuer == World.provider)
        #expect(assertion.subject.value == World.user)
        #expect(assertion.subject.knownFormat == .emailAddress)
        #expect(assertion.values(of: "mail") == [World.user])
        #expect(assertion.values(of: "groups") == ["Gate Admins", "R&D"])
        #expect(assertion.values(of: "nothing") == [])
        #expect(assertion.sessionIndex == "_session-7")
        #expect(assertion.authenticatedAt == WallTime(milliseconds: World.now.milliseconds - 10_000))
        #expect(assertion.usableUntil == WallTime(milliseconds: World.now.milliseconds + 360_000))
        #expect(assertion.wasEncrypted == name.hasPrefix("encrypted"))
    }

    @Test(
        "SHA-1, CBC and RSA 1.5 are taken where that was asked for, and only there",
        arguments: [
            ("signed-sha1", SAMLReason.signatureMethodRefused), ("encrypted-cbc", .encryptionMethodRefused),
            ("encrypted-rsa-1.5", .encryptionMethodRefused),
        ])
    func legacy(name: String, reason: SAMLReason) throws {
        let text = String(decoding: try TestFile.bytes("Vectors/saml/\(name).xml"), as: UTF8.self)
        #expect(world.refusal(text) == reason)
        #expect(world.refusal(text, world.expectations(algorithms: .insecureLegacy)) == nil)
    }

    @Test("a connection that names its algorithms takes no other one")
    func chosen() throws {
        let text = String(decoding: try TestFile.bytes("Vectors/saml/signed-sha512.xml"), as: UTF8.self)
        #expect(world.refusal(text) == nil)
        #expect(world.refusal(text, world.expectations(algorithms: .only([.rsaSHA512]))) == nil)
        let others = AlgorithmPolicy.only(Set(SignatureAlgorithm.allCases).subtracting([.rsaSHA512]))
        #expect(world.refusal(text, world.expectations(algorithms: others)) == .signatureMethodRefused)
        #expect(world.refusal(text, world.expectations(algorithms: .only([]))) == .signatureMethodRefused)
        let step = world.judge(text, world.expectations(algorithms: .only([.rsaSHA256]))).steps.last
        #expect(step?.words.contains("this connection takes rsa-sha256") == true)
        let old = String(decoding: try TestFile.bytes("Vectors/saml/signed-sha1.xml"), as: UTF8.self)
        let every = AlgorithmPolicy.only(Set(SignatureAlgorithm.allCases))
        #expect(world.refusal(old, world.expectations(algorithms: every)) == .signatureMethodRefused)
    }

    @Test("the field of a form is base64, in lines where the provider breaks them")
    func field() throws {
        let verifier = ResponseVerifier(world.expectations())
        let text = Base64.encode(Array(world.signed().utf8), alphabet: .standard)
        #expect(throws: Never.self) { try verifier.verify(field: Array(text.utf8)).result.get() }
        let half = text.index(text.startIndex, offsetBy: 76)
        let broken = text[..<half] + "\r\n" + text[half...]
        #expect(throws: Never.self) { try verifier.verify(field: Array(broken.utf8)).result.get() }
        for other in ["", " ", text + "=", text.replacing("P", with: "*")] {
            let outcome = verifier.verify(field: Array(other.utf8))
            #expect(throws: SAMLRefusal.self) { try outcome.result.get() }
        }
    }

    @Test("an assertion in clear is refused where encryption is asked for")
    func encryptionRequired() throws {
        let expected = world.expectations(requiresEncryption: true)
        #expect(world.refusal(world.signed(), expected) == .encryptionRequired)
        let text = String(decoding: try TestFile.bytes("Vectors/saml/encrypted-gcm.xml"), as: UTF8.self)
        #expect(world.refusal(text, expected) == nil)
    }

    @Test("during a roll-over each of our keys opens")
    func rollOver() throws {
        let text = String(decoding: try TestFile.bytes("Vectors/saml/encrypted-gcm.xml"), as: UTF8.self)
        #expect(world.refusal(text, world.expectations(keys: [world.strangersKey, world.ourKey])) == nil)
        #expect(world.refusal(text, world.expectations(keys: [world.strangersKey])) == .decryptionFailed)
        #expect(world.refusal(text, world.expectations(keys: [])) == .decryptionKeyMissing)
    }

    @Test("an answer is to the request that was made, and to none where none was made")
    func answers() {
        let free = world.signed(AssertionText().but { $0.answers = nil }, ResponseText(answers: nil))
        #expect(world.refusal(world.signed()) == nil)
        #expect(world.refusal(free, world.expectations(request: .unsolicited)) == nil)
        #expect(world.refusal(world.signed(), world.expectations(request: .unsolicited)) == .inResponseToUnexpected)
        #expect(world.refusal(free) == .inResponseToMissing)
        #expect(world.refusal(world.signed(AssertionText().but { $0.answers = "_other" })) == .inResponseToMismatch)
    }

    @Test("authentication anew is not older than the request for it")
    func forced() {
        func refusal(_ seconds: Int64) -> SAMLReason? {
            let since = WallTime(milliseconds: World.now.milliseconds - seconds * 1000)
            return world.refusal(
                world.signed(), world.expectations(asked: .init(authenticationSince: since, contexts: [])))
        }
        // It was 10 s ago, and the clocks may differ by 60 s.
        #expect(refusal(20) == nil)
        #expect(refusal(-50) == nil)
        #expect(refusal(-51) == .authenticationTooOld)
    }

    @Test("the authentication context is one of those that were asked for")
    func contexts() {
        func refusal(_ contexts: [String]) -> SAMLReason? {
            world.refusal(
                world.signed(), world.expectations(asked: .init(authenticationSince: nil, contexts: contexts)))
        }
        #expect(refusal(["urn:x", AssertionText().context]) == nil)
        #expect(refusal(["urn:x"]) == .authenticationContext)
    }

    @Test("the skew that is asked for is bounded")
    func skew() {
        let text = world.signed(AssertionText().but { $0.until = World.at(-301) })
        #expect(world.refusal(text, world.expectations(skew: .hours(1))) == .expired)
        let other = world.signed(AssertionText().but { $0.until = World.at(-299) })
        #expect(world.refusal(other, world.expectations(skew: .hours(1))) == nil)
    }

    @Test("the end of the provider's session is kept")
    func sessionEnd() throws {
        let text = world.signed(AssertionText().but { $0.sessionEnd = World.at(3600) })
        let assertion = try world.judge(text).result.get()
        #expect(assertion.sessionEndsAt == WallTime(milliseconds: World.now.milliseconds + 3_600_000))
    }

    @Test("steps say what was looked at, in order, and end with what failed")
    func steps() {
        let good = world.judge(world.signed()).steps
        #expect(good.allSatisfy { $0.outcome != .failed } && good.count > 10)
        let bad = world.judge(world.signed(AssertionText().but { $0.from = World.at(94) })).steps
        #expect(
            bad.last
                == SAMLStep(
                    outcome: .failed,
                    words: "the assertion was issued at 12:01:34, this clock says 12:00:00: 94 s too early (60 s of "
                        + "difference are allowed)"))
        #expect(bad.filter { $0.outcome == .failed }.count == 1)
    }

    @Test("200 verifications at once are as right as one")
    func concurrent() async {
        let verifier = ResponseVerifier(world.expectations())
        let good = Array(world.signed().utf8)
        let bad = Array(world.signed().replacing(World.user, with: "eve@acme.example").utf8)
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let outcome = verifier.verify(document: index % 2 == 0 ? good : bad)
                    switch outcome.result {
                    case .success(let assertion): return index % 2 == 0 && assertion.subject.value == World.user
                    case .failure(let refusal): return index % 2 == 1 && refusal.reason == .digestMismatch
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
