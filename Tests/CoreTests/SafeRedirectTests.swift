import Core
import Testing

@Suite("Safe redirect")
struct SafeRedirectTests {
    @Test(
        "a path on this host is a place to come back to",
        arguments: [
            "/", "/app", "/app/?a=b&c=d", "/app?next=//evil.example", "/a%20b", "/.gatehouse/account", "/loginx",
            "/login",
        ])
    func good(target: String) { #expect(SafeRedirect(target)?.target == target) }

    @Test(
        "another host, a loop or a path that is read in two ways is not",
        arguments: [
            "", "app", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)", "/\t/evil.example", "/a\r\nX: y", "/a b", "/a#b", "/ä", "/..//evil.example",
            "/a/../b",
            "/%2e%2e/", "/%5cevil.example", "/%2Fevil.example", "/a;b", "/a//b", "/.gatehouse/login",
            "/.gatehouse/login?x",
            "/.Gatehouse/LOGIN", "/.gatehouse/login/totp", "/.gatehouse/logout", "/%2egatehouse/logout", "?a=b", " /a",
            "/%00",
        ])
    func bad(target: String) { #expect(SafeRedirect(target) == nil) }

    @Test("a target has at most 2048 bytes")
    func bound() {
        let longest = "/" + String(repeating: "a", count: 2047)
        #expect(SafeRedirect(longest) != nil)
        #expect(SafeRedirect(longest + "a") == nil)
    }

    @Test("the way back is percent-encoded whole")
    func encoding() {
        var bytes: [UInt8] = []
        let target = Array("/a%20b/?x=1&y=ä".utf8)
        LoginRedirect.appendLogin(returningTo: target.span.bytes, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "/.gatehouse/login?return_to=/a%2520b/%3Fx%3D1%26y%3D%C3%A4")
    }

    @Test("a target that is too long, or none, leads back to the start")
    func withoutTarget() {
        var bytes: [UInt8] = []
        let long = Array(repeating: UInt8(ascii: "/"), count: 2049)
        LoginRedirect.appendStepUp(returningTo: long.span.bytes, isRepeated: false, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "/.gatehouse/login/step-up?return_to=/")
        bytes = []
        let none: [UInt8] = []
        LoginRedirect.appendLogin(returningTo: none.span.bytes, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "/.gatehouse/login")
    }

    @Test("the step-up page is told where something was not done", arguments: ["/a?b=c", ""])
    func repeats(target: String) {
        var bytes: [UInt8] = []
        LoginRedirect.appendStepUp(returningTo: Array(target.utf8).span.bytes, isRepeated: true, to: &bytes)
        let query = target.isEmpty ? "?repeat=1" : "?return_to=/a%3Fb%3Dc&repeat=1"
        #expect(String(decoding: bytes, as: UTF8.self) == LoginRedirect.stepUpPath + query)
    }
}
