import Core
import TestAuthenticator
import Testing
import WebAuthn

@Suite("Client data")
struct ClientDataTests {
    /// Registers with this JSON.
    private func register(_ json: [UInt8], for party: RelyingParty = Ceremony.party()) throws {
        _ = try Ceremony.register(clientData: json, for: party)
    }

    private func register(_ json: String, for party: RelyingParty = Ceremony.party()) throws {
        try register(Array(json.utf8), for: party)
    }

    private static let challenge = Base64.encode(Ceremony.challenge, alphabet: .url)
    private static let members =
        #""type":"webauthn.create","challenge":"\#(challenge)","origin":"https://example.org""#

    @Test("the type is that of the ceremony, letter by letter; create and get are not swapped")
    func type() {
        for other in [
            "webauthn.get", "webauthn.Create", "webauthn.create ", "", "payment.create", "webauthn.create\\u0000",
        ] {
            let client = TestClientData(type: other, challenge: Ceremony.challenge)
            #expect(throws: WebAuthnRefusal.typeMismatch) { try register(client.json) }
        }
        let swapped = TestClientData(type: "webauthn.create", challenge: Ceremony.challenge)
        #expect(throws: WebAuthnRefusal.typeMismatch) { try Ceremony.assert(clientData: swapped.json) }
    }

    @Test("the challenge is this ceremony's, as base64url without padding")
    func challenge() {
        let bytes = [0xFB, 0xEF, 0xFF] + [UInt8](repeating: 0xFF, count: 29)
        let texts = [
            Base64.encode(bytes, alphabet: .standard), Base64.encode(bytes, alphabet: .url) + "=", "",
            Base64.encode(Array(bytes.reversed()), alphabet: .url), " " + Base64.encode(bytes, alphabet: .url),
        ]
        let response = TestAuthenticator().registration(challenge: bytes)
        #expect(throws: Never.self) {
            try Registration.verify(response, challenge: bytes, for: Ceremony.party())
        }
        for text in texts {
            var other = response
            other.clientDataJSON = Array(
                #"{"type":"webauthn.create","challenge":"\#(text)","origin":"https://example.org"}"#.utf8)
            #expect(throws: WebAuthnRefusal.challengeMismatch) {
                try Registration.verify(other, challenge: bytes, for: Ceremony.party())
            }
        }
    }

    @Test("the origin is one of those expected, octet by octet")
    func origin() throws {
        for right in ["https://example.org", "https://alt.example.org:8443", #"https:\/\/example.org"#] {
            let client = TestClientData(type: "webauthn.create", challenge: Ceremony.challenge, origin: right)
            try register(client.json)
        }
        let wrong = [
            "https://example.com", "http://example.org", "https://example.org:443", "https://example.org:8443",
            "https://alt.example.org", "https://example.org/", "https://EXAMPLE.org", "https://example.org.",
            "https://login.example.org", "https://notexample.org", "https://example.org@example.com", "null", "",
            "https://e\u{0301}xample.org", "android:apk-key-hash:x",
        ]
        for origin in wrong {
            let client = TestClientData(type: "webauthn.create", challenge: Ceremony.challenge, origin: origin)
            #expect(throws: WebAuthnRefusal.originRefused) { try register(client.json) }
        }
    }

    @Test("texts that only look alike are not the same")
    func lookAlikes() {
        // KELVIN SIGN is held equal to K by comparisons of characters; so are composed and decomposed letters.
        let party = RelyingParty(
            rpID: "example.org", origins: ["https://K.example.org", "https://\u{E9}.example.org"],
            requiresUserVerification: true)
        for origin in ["https://\u{212A}.example.org", "https://e\u{301}.example.org"] {
            let client = TestClientData(type: "webauthn.create", challenge: Ceremony.challenge, origin: origin)
            #expect(throws: WebAuthnRefusal.originRefused) { try register(client.json, for: party) }
        }
        let challenge = [0x28, 0xA2] + [UInt8](repeating: 0x8A, count: 30)
        let text = Base64.encode(challenge, alphabet: .url)
        #expect(text.hasPrefix("K"))
        let json = #"{"type":"webauthn.create","challenge":"\#(text)","origin":"https://example.org"}"#
            .replacing("K", with: "\u{212A}")
        var response = TestAuthenticator().registration(challenge: challenge)
        response.clientDataJSON = Array(json.utf8)
        #expect(throws: WebAuthnRefusal.challengeMismatch) {
            try Registration.verify(response, challenge: challenge, for: Ceremony.party())
        }
    }

    @Test("a ceremony in a frame of another site is refused, unless its page is allowed")
    func frames() throws {
        let cross = #"{\#(Self.members),"crossOrigin":true}"#
        let top = #"{\#(Self.members),"crossOrigin":true,"topOrigin":"https://example.com"}"#
        let lonely = #"{\#(Self.members),"topOrigin":"https://example.com"}"#
        let own = #"{\#(Self.members),"crossOrigin":false}"#
        try register(own)
        for json in [cross, top, lonely] {
            #expect(throws: WebAuthnRefusal.crossOriginRefused) { try register(json) }
            try register(json, for: Ceremony.party(embedding: .within(topOrigins: ["https://example.com"])))
        }
        for json in [top, lonely] {
            #expect(throws: WebAuthnRefusal.crossOriginRefused) {
                try register(json, for: Ceremony.party(embedding: .within(topOrigins: ["https://example.net"])))
            }
        }
        #expect(throws: WebAuthnRefusal.crossOriginRefused) {
            let client = TestClientData(
                type: "webauthn.get", challenge: Ceremony.challenge, rest: #","crossOrigin":true"#)
            return try Ceremony.assert(clientData: client.json)
        }
    }

    @Test("who claims a token binding is refused; who only knows of it is not")
    func tokenBinding() throws {
        let present = #"{\#(Self.members),"tokenBinding":{"status":"present","id":"AAAA"}}"#
        #expect(throws: WebAuthnRefusal.tokenBindingRefused) { try register(present) }
        for value in [#"{"status":"supported"}"#, #"{"status":"other"}"#, "{}", "null", #""present""#] {
            try register(#"{\#(Self.members),"tokenBinding":\#(value)}"#)
        }
        let client = TestClientData(
            type: "webauthn.get", challenge: Ceremony.challenge, rest: #","tokenBinding":{"status":"present"}"#)
        #expect(throws: WebAuthnRefusal.tokenBindingRefused) { try Ceremony.assert(clientData: client.json) }
    }

    @Test("order, blanks, escapes and members that nobody knows do not matter")
    func tolerated() throws {
        let origin = #""origin":"https://example.org""#
        let challenge = #""challenge":"\#(Self.challenge)""#
        for json in [
            #"{\#(origin),\#(challenge),"type":"webauthn.create"}"#,
            " \t\r\n{ \(Self.members.replacing(",", with: " ,\n").replacing(":\"w", with: " : \"w")) } \n",
            #"{\#(Self.members),"x":[1,-0,0.5,1e3,-2.5E-7,true,false,null,[],{},{"a":{"b":["c"]}}]}"#,
            #"{"\u0074ype":"webauthn\u002ecreate",\#(challenge),\#(origin)}"#,
            #"{\#(Self.members),"":"","\ud83d\ude00\"\\\/\b\f\n\r\t":"é😀"}"#,
        ] {
            #expect(throws: Never.self) { try register(json) }
        }
    }

    @Test("one byte order mark is stripped, as the standard asks; a second is not")
    func byteOrderMark() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let json = Array("{\(Self.members)}".utf8)
        try register(mark + json)
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(mark + mark + json) }
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(json + mark) }
    }

    @Test("what is not strict JSON is refused", arguments: malformed)
    func strict(_ json: String) {
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(json) }
    }

    static let malformed: [String] =
        [
            "", " ", "null", "[]", "\"x\"", "{}", "{", "}", "{\(members)", "{\(members)}}", "{\(members)} x",
            "{\(members)}{\(members)}", "[{\(members)}]",
            // Commas.
            "{\(members),}", "{,\(members)}", #"{\#(members),"x":[1,]}"#, #"{\#(members) "x":1}"#,
            #"{\#(members),"x":[1 2]}"#,
            // Names twice, also by another spelling, also within.
            #"{\#(members),"type":"webauthn.create"}"#, #"{\#(members),"\u006frigin":"https://example.com"}"#,
            #"{\#(members),"x":{"a":1,"a":1}}"#,
            // Names and texts.
            #"{\#(members),x:1}"#, #"{\#(members),'x':1}"#, #"{\#(members),"x"}"#, #"{\#(members),"x":}"#,
            #"{\#(members),"x":"}"#, #"{\#(members),"x":"\"}"#, #"{\#(members),"x":"\q"}"#,
            #"{\#(members),"x":"\u12"}"#, #"{\#(members),"x":"\u12G4"}"#, #"{\#(members),"x":"\ud83d"}"#,
            #"{\#(members),"x":"\ud83dx"}"#, #"{\#(members),"x":"\ud83dA"}"#, #"{\#(members),"x":"\ude00"}"#,
            "{\(members),\"x\":\"\n\"}", "{\(members),\"x\":\"\u{0}\"}",
            // Numbers and words.
            #"{\#(members),"x":01}"#, #"{\#(members),"x":-}"#, #"{\#(members),"x":.5}"#, #"{\#(members),"x":1.}"#,
            #"{\#(members),"x":1e}"#, #"{\#(members),"x":+1}"#, #"{\#(members),"x":0x1}"#, #"{\#(members),"x":NaN}"#,
            #"{\#(members),"x":True}"#, #"{\#(members),"x":nul}"#, #"{\#(members),"x":1e+-2}"#,
            // Comments.
            "{\(members)/* */}", "{\(members)}//",
            // Types.
            #"{\#(members),"crossOrigin":"false"}"#, #"{\#(members),"crossOrigin":null}"#,
            #"{\#(members),"crossOrigin":0}"#, #"{\#(members),"topOrigin":null}"#, #"{\#(members),"topOrigin":[]}"#,
        ] + missing

    /// Without one of the three, or with another type in its place.
    static let missing: [String] = {
        let texts = ["type": "webauthn.create", "challenge": challenge, "origin": "https://example.org"]
        return texts.keys.sorted().flatMap { name in
            let others = texts.filter { $0.key != name }.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
            return ["{\(others)}"]
                + ["null", "1", "true", "[\"\(texts[name] ?? "")\"]", "{}"].map { #"{\#(others),"\#(name)":\#($0)}"# }
        }
    }()

    @Test(
        "invalid UTF-8 is refused",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
    func encoding(_ octets: [UInt8]) {
        let json = Array(#"{\#(Self.members),"x":""#.utf8) + octets + Array("\"}".utf8)
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(json) }
    }

    @Test("the depth has a bound")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            #"{\#(Self.members),"x":"#
                + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        // The object itself is the first level.
        try register(nested(7))
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(nested(8)) }
        #expect(throws: WebAuthnRefusal.clientDataMalformed) { try register(nested(1900)) }
    }
}
