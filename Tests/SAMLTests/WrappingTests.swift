import Core
import Foundation
import Testing

@testable import SAML

@Suite("Signature wrapping")
struct WrappingTests {
    let world: World
    let good: String
    let evil = AssertionText().but {
        $0.id = "_evil"
        $0.name = "<saml:NameID>admin@acme.example</saml:NameID>"
    }.document

    init() throws {
        world = try World()
        good = world.key.signed(AssertionText().document, certificate: nil)
    }

    private func response(_ assertions: String) -> String { ResponseText().document(assertions) }

    /// The signature of `good`, to be put elsewhere.
    private var signature: String {
        let start = good.range(of: "<ds:Signature ")?.lowerBound ?? good.startIndex
        let end = good.range(of: "</ds:Signature>")?.upperBound ?? good.endIndex
        return String(good[start..<end])
    }

    private var bare: String { good.replacing(signature, with: "") }

    @Test("the twin of them all is accepted")
    func twin() { #expect(world.refusal(response(good)) == nil) }

    @Test("two assertions are refused, in whatever order")
    func two() {
        #expect(world.refusal(response(evil + good)) == .assertionRepeated)
        #expect(world.refusal(response(good + evil)) == .assertionRepeated)
    }

    @Test("an assertion within another, within a signature or within an object is refused")
    func nested() {
        let inner = evil.replacing("</saml:Assertion>", with: good + "</saml:Assertion>")
        #expect(world.refusal(response(inner)) == .assertionRepeated)
        let object = signature.replacing("</ds:Signature>", with: "<ds:Object>\(bare)</ds:Object></ds:Signature>")
        let carrier = evil.replacing("</saml:Issuer>", with: "</saml:Issuer>" + object)
        #expect(world.refusal(response(carrier)) == .assertionRepeated)
    }

    @Test("a signature that names another element is refused")
    func reference() {
        let carrier = evil.replacing("</saml:Issuer>", with: "</saml:Issuer>" + signature)
        #expect(world.refusal(response(carrier)) == .referenceMismatch)
        let same = carrier.replacing("_evil", with: "_assertion-91d0")
        #expect(world.refusal(response(same)) == .digestMismatch)
    }

    @Test("a signature is a direct child of what it signs")
    func place() {
        let moved = bare.replacing("</saml:Subject>", with: signature + "</saml:Subject>")
        #expect(world.refusal(response(moved)) == .signatureMisplaced)
        #expect(world.refusal(response(bare)) == .signatureMissing)
    }

    @Test("whoever signs with a key that is not pinned is nobody")
    func stranger() throws {
        let other = world.strangersKey.signed(
            AssertionText().document, certificate: try World.certificate("stranger"))
        #expect(world.refusal(response(other)) == .signatureInvalid)
        let named = world.key.signed(AssertionText().document, certificate: try World.certificate("stranger"))
        #expect(world.refusal(response(named)) == nil, "KeyInfo is not read")
    }

    @Test("a comment cuts no value")
    func comment() {
        let name = "<saml:NameID>admin@acme.example<!---->.evil.example</saml:NameID>"
        #expect(world.refusal(world.signed(AssertionText().but { $0.name = name })) == .xmlComment)
        let whole = name.replacing("<!---->", with: "")
        let twin = world.judge(world.signed(AssertionText().but { $0.name = "<!-- -->" + whole })).result
        #expect((try? twin.get())?.subject.value == "admin@acme.example.evil.example")
    }
}
