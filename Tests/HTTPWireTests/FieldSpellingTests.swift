import HTTPWire
import Testing

@Suite("Field names as configurations spell them")
struct FieldSpellingTests {
    private func isSame(_ name: String, _ other: String) throws -> Bool {
        let octets = Array(name.utf8)
        return FieldSpelling.isSame(octets.span.bytes, try #require(FieldSpelling.folded(other)))
    }

    @Test("a name means the same in every case and with every separator")
    func same() throws {
        for name in ["X-Debug", "x-debug", "X_DEBUG", "x.debug", "x~Debug"] { #expect(try isSame(name, "X-Debug")) }
        for name in ["X-Debugs", "X-Debu", "XDebug", "Y-Debug", "X--Debug", ""] {
            #expect(try !isSame(name, "X-Debug"), "\(name)")
        }
    }

    @Test(
        "what is no token is no name",
        arguments: ["", "a b", "a:", "ä", "a\r\n", "a\"", String(repeating: "a", count: 101)])
    func noToken(_ name: String) {
        #expect(FieldSpelling.folded(name) == nil)
        #expect(FieldSpelling.meaning(of: name) == nil)
    }

    @Test("a name means what it means in a message")
    func meanings() {
        for (name, meaning) in [
            ("X-Api-Key", FieldName.other), ("x-user-id", .identity), ("X-Gatehouse-Anything", .identity),
            ("X_User_Id", .lookAlike), ("Content_Length", .lookAlike), ("Forwarded", .forwarding), ("HOST", .host),
            ("Strict-Transport-Security", .strictTransportSecurity),
        ] { #expect(FieldSpelling.meaning(of: name) == meaning, "\(name)") }
    }
}
