import Testing
import WebAuthn

@Suite("AAGUID")
struct AAGUIDTests {
    @Test("its text is that of a UUID, and is read in either case")
    func text() throws {
        let text = "f8a011f3-8c0a-4d15-8006-17111f9edc7d"
        let aaguid = try #require(AAGUID(text))
        #expect(aaguid.octets == bytes(text))
        #expect(aaguid.description == text)
        #expect(AAGUID(text.uppercased()) == aaguid)
        #expect(AAGUID(octets: aaguid.octets) == aaguid)
        #expect(AAGUID.unknown.description == "00000000-0000-0000-0000-000000000000")
    }

    @Test(
        "nothing else is one",
        arguments: [
            "", "f8a011f38c0a4d15800617111f9edc7d", "f8a011f3-8c0a-4d15-8006-17111f9edc7", "-",
            "f8a011f3-8c0a-4d15-8006-17111f9edc7dd", "f8a011f38-c0a-4d15-8006-17111f9edc7d",
            "f8a011f3-8c0a-4d15-8006-17111f9edc7g", "{8a011f3-8c0a-4d15-8006-17111f9edc7}",
            "f8a011f3_8c0a_4d15_8006_17111f9edc7d", "f8a011f3-8c0a-4d15-8006-17111f9edé",
        ])
    func others(_ text: String) {
        #expect(AAGUID(text) == nil)
        #expect(AAGUID(octets: [UInt8](repeating: 0, count: 15)) == nil)
        #expect(AAGUID(octets: [UInt8](repeating: 0, count: 17)) == nil)
    }
}

@Suite("Refusals")
struct WebAuthnRefusalTests {
    @Test("each has a name of its own, in kebab-case")
    func names() {
        let names = WebAuthnRefusal.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D })
        }
    }
}
