import Core
import TestSupport
import Testing

@testable import SAML

@Suite("What a response says of itself")
struct UnverifiedResponseTests {
    private func look(_ document: String) -> UnverifiedResponse? {
        UnverifiedResponse(
            withoutSignatureCheck: Array(Base64.encode(Array(document.utf8), alphabet: .standard).utf8))
    }

    @Test("issuer, answer, signatures, algorithms and names of attributes are told; values are not")
    func told() throws {
        let world = try World()
        let attributes =
            #"<saml:Attribute Name="mail"><saml:AttributeValue>ada@acme.example</saml:AttributeValue>"#
            + "<saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>"
        let seen = try #require(look(world.signed(AssertionText().but { $0.attributes = attributes })))
        #expect(seen.issuer == World.provider && seen.inResponseTo == World.request)
        #expect(seen.isAssertionSigned && !seen.isResponseSigned && !seen.isEncrypted)
        #expect(seen.attributes.map(\.name) == ["mail"] && seen.attributes.map(\.count) == [2])
        #expect(seen.algorithms.contains("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"))
        #expect(seen.destination == World.consumer)
        #expect(!String(describing: seen).contains("ada@"))
    }

    @Test("an answer is found in the subject's confirmation too, and none where there is none")
    func answers() throws {
        let world = try World()
        let within = world.signed(AssertionText(), ResponseText(answers: nil))
        #expect(look(within)?.inResponseTo == World.request)
        let none = world.signed(AssertionText().but { $0.answers = nil }, ResponseText(answers: nil))
        #expect(look(none)?.inResponseTo == nil && look(none) != nil)
    }

    @Test("what is no document within its bounds tells nothing")
    func nothing() {
        #expect(UnverifiedResponse(withoutSignatureCheck: Array("junk".utf8)) == nil)
        #expect(look("<!DOCTYPE x><x/>") == nil)
        #expect(look("<x>" + String(repeating: "a", count: 200_000) + "</x>") == nil)
    }

    @Test("steps that name the subject have words without it")
    func redacted() throws {
        let world = try World()
        let outcome = world.judge(world.signed())
        let step = try #require(outcome.steps.first { $0.words.contains(World.user) })
        #expect(step.redacted.contains("a…@acme.example"))
        #expect(outcome.steps.allSatisfy { !$0.redacted.contains("ada@") })
        #expect(Trace.masked("x") == "\"x…\"" && Trace.masked("") == "\"\"" && Trace.masked("@x") == "\"…@x\"")
    }
}
