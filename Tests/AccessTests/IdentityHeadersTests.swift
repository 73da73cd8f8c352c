import Access
import Core
import Testing

@Suite("Identity headers")
struct IdentityHeadersTests {
    private func encoded(_ value: String, _ encoding: IdentityEncoding) -> String {
        var bytes: [UInt8] = []
        IdentityHeaders.append(value: value, encoding: encoding, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a session's lines are those of the contract, in its order")
    func lines() {
        let entry = SessionEntry.sample(
            externalID: "ext-1", email: "mia@acme.example", name: "Mía, 100%", roles: [.user, .admin],
            assurance: Assurance([.totp, .password], at: MonotonicInstant(milliseconds: 1)))
        let lines = String(decoding: IdentityHeaders.lines(of: entry, encoding: .percent), as: UTF8.self)
        #expect(
            lines == """
                X-Tenant-ID: acme\r
                X-User-ID: 00000000-0000-0001-0000-000000000002\r
                X-User-External-ID: ext-1\r
                X-User-Email: mia@acme.example\r
                X-User-Name: M%C3%ADa%2C 100%25\r
                X-User-Roles: user,admin\r
                X-Auth-Factors: password,totp\r
                X-Session-ID: s-1\r

                """)
    }

    @Test("without an external id there is no line for one")
    func noExternalID() {
        for externalID in [nil, ""] {
            let lines = IdentityHeaders.lines(of: .sample(externalID: externalID), encoding: .percent)
            #expect(!String(decoding: lines, as: UTF8.self).contains("External"))
        }
    }

    @Test("percent encodes everything but printable ASCII, and percent and comma")
    func percent() {
        #expect(encoded("Mia O'Neil <m@x>;=\"", .percent) == "Mia O'Neil <m@x>;=\"")
        #expect(encoded("a%b,c", .percent) == "a%25b%2Cc")
        #expect(encoded("a\r\nX-User-ID: 1", .percent) == "a%0D%0AX-User-ID: 1")
        #expect(encoded(" a ", .percent) == "%20a%20")
        #expect(encoded("é\u{0}\u{7f}", .percent) == "%C3%A9%00%7F")
    }

    @Test("raw keeps UTF-8, but never a control")
    func raw() {
        #expect(encoded("Mía, 100%", .raw) == "Mía, 100%")
        #expect(encoded("Mía\r\nX: y", .raw) == "M%C3%ADa%0D%0AX: y")
        #expect(encoded("a\u{85}b", .raw) == "a%C2%85b")
    }

    @Test("no value can end its line, in either encoding")
    func lineEnds() {
        for encoding in IdentityEncoding.allCases {
            let entry = SessionEntry.sample(externalID: "\r\na", email: "\n", name: "x\r\nX-Tenant-ID: globex")
            let lines = IdentityHeaders.lines(of: entry, encoding: encoding)
            #expect(lines.count { $0 == 0x0A } == 8)
            #expect(lines.count { $0 == 0x0D } == 8)
        }
    }

    @Test("a reload that changes the encoding changes the lines")
    func reload() throws {
        var world = AccessWorld()
        world.sessions.insert(.sample(name: "Mía", lastUse: world.now), for: AccessWorld.key)
        world.facts.sessionKey = AccessWorld.key
        #expect(try world.decide().forward?.identity.contains("X-User-Name: M%C3%ADa\r\n") == true)
        world.settings.identityEncoding = .raw
        #expect(try world.decide(generation: 2).forward?.identity.contains("X-User-Name: Mía\r\n") == true)
    }
}
