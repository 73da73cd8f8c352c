import Core
import Foundation
import Login
import Testing

@testable import Portal

@Suite("What a browser's passkey says, and is asked")
struct PortalPasskeyTests {
    @Test("an answer to get is read into its parts")
    func assertion() throws {
        let read = try #require(PortalPasskey.assertion(FactorScript.assertion))
        #expect(read.credentialID == [1, 2, 3])
        #expect(read.clientDataJSON == Array("{}".utf8))
        #expect(read.authenticatorData == [0, 0, 0])
        #expect(read.signature == [0x30, 0x45, 0x02])
        #expect(read.userHandle == [7, 7, 7])
    }

    @Test(
        "the user handle may be left out, null or empty", arguments: ["", #","userHandle":null"#, #","userHandle":"""#])
    func withoutHandle(more: String) throws {
        let text = #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"\#(more)}"#
        #expect(try #require(PortalPasskey.assertion(text)).userHandle == nil)
    }

    @Test("an answer to create is read with the ways to its authenticator")
    func registration() throws {
        let read = try #require(PortalPasskey.registration(FactorScript.registration))
        #expect(read.registration.clientDataJSON == Array("{}".utf8))
        #expect(read.registration.attestationObject == [0xA3, 0x63, 0x66])
        #expect(read.transports == ["internal", "hybrid"])
    }

    @Test("ways that are no words are left out, and so is what lies beyond the bound")
    func transports() throws {
        func transports(_ list: String) throws -> [String] {
            let text = #"{"id":"AQID","clientDataJSON":"e30","attestationObject":"o2Nm","transports":\#(list)}"#
            return try #require(PortalPasskey.registration(text)).transports
        }
        let long = String(repeating: "a", count: 33)
        #expect(try transports(#"["usb","","NFC","a b","smart-card","\#(long)"]"#) == ["usb", "smart-card"])
        let many = (0..<20).map { "\"t\($0)\"" }.joined(separator: ",")
        #expect(try transports("[\(many)]") == (0..<8).map { "t\($0)" })
        #expect(try transports("null") == [])
        #expect(try transports(#""usb""#) == [])
    }

    @Test(
        "what is no such answer is none",
        arguments: [
            "", " ", "null", "[]", "{}", "{", #"{"id":1}"#, #"{"id":"AQID"}"#,
            #"{"id":"AQ==","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"}"#,
            #"{"id":"","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"}"#,
            #"{"id":"AQID","clientDataJSON":"","authenticatorData":"AAAA","signature":"MEUC"}"#,
            #"{"id":"AQID","clientDataJSON":"e+0","authenticatorData":"AAAA","signature":"MEUC"}"#,
            #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":["AAAA"],"signature":"MEUC"}"#,
            #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA"}"#,
            #"{"id":"AQID","id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"}"#,
            #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC","userHandle":7}"#,
            #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"} x"#,
        ])
    func malformed(text: String) { #expect(PortalPasskey.assertion(text) == nil) }

    @Test("an answer beyond its bound is none, and one within it is read")
    func bounds() {
        func assertion(filledTo length: Int) -> String {
            let text = { (signature: Int) in
                let signature = String(repeating: "A", count: signature)
                return #"{"id":"AQID","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"\#(signature)"}"#
            }
            let rest = text(0).utf8.count
            let signature = (length - rest) / 4 * 4
            return text(signature) + String(repeating: " ", count: length - rest - signature)
        }
        #expect(PortalPasskey.assertion(assertion(filledTo: 8192)) != nil)
        #expect(PortalPasskey.assertion(assertion(filledTo: 8193)) == nil)
        func withID(_ bytes: Int) -> String {
            let id = Base64.encode([UInt8](repeating: 1, count: bytes), alphabet: .url)
            return #"{"id":"\#(id)","clientDataJSON":"e30","authenticatorData":"AAAA","signature":"MEUC"}"#
        }
        #expect(PortalPasskey.assertion(withID(1023)) != nil)
        #expect(PortalPasskey.assertion(withID(1024)) == nil)
    }

    // MARK: Options

    private func read(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("a request says challenge, relying party, passkeys and how the user is verified")
    func request() throws {
        let options = try read(PasskeyOptions.request(FactorScript.request, challenge: [255, 254]))
        #expect(options["challenge"] as? String == "__4")
        #expect(options["rpId"] as? String == "acme.example.org")
        #expect(options["userVerification"] as? String == "preferred")
        let allowed = try #require(options["allowCredentials"] as? [[String: Any]])
        #expect(allowed.count == 1 && allowed[0]["id"] as? String == "AQID")
        #expect(allowed[0]["type"] as? String == "public-key" && allowed[0]["transports"] as? [String] == ["usb"])
        let alone = PasskeyRequest(rpID: "a.example", credentials: [], requiresUserVerification: true)
        #expect(try read(PasskeyOptions.request(alone, challenge: [1]))["userVerification"] as? String == "required")
    }

    @Test("a creation says for whom, by which algorithms, and leaves the verification of the user to the authenticator")
    func creation() throws {
        let options = try read(PasskeyOptions.creation(FactorScript.creation, challenge: [1]))
        #expect(options["rp"] as? [String: String] == ["id": "acme.example.org", "name": "Acme GmbH"])
        let user = try #require(options["user"] as? [String: String])
        #expect(user == ["id": "BwcH", "name": "erika@acme.example", "displayName": "Erika <Muster>"])
        let algorithms = try #require(options["pubKeyCredParams"] as? [[String: Any]])
        #expect(algorithms.compactMap { $0["alg"] as? Int } == [-7, -8, -35, -257])
        let selection = try #require(options["authenticatorSelection"] as? [String: Any])
        #expect(selection["residentKey"] as? String == "preferred")
        #expect(selection["userVerification"] as? String == "preferred")
        #expect(options["attestation"] as? String == "none")
        #expect((options["excludeCredentials"] as? [[String: Any]])?.first?["id"] as? String == "BAU")
    }
}
