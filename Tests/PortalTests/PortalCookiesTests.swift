import HTTPTypes
import Testing

@testable import Portal

@Suite("The portal's cookies")
struct PortalCookiesTests {
    private func read(_ fields: String...) -> PortalCookies {
        PortalCookies(HTTPFields(fields.map { HTTPField(name: .cookie, value: $0) }))
    }

    @Test("ours are found among others, in one field and in several")
    func found() {
        let one = read("a=b; __Host-gatehouse=acme.x-_1;__Host-gatehouse-lang=de ; c")
        #expect(one[.session] == "acme.x-_1")
        #expect(one[.language] == "de")
        #expect(one[.device] == nil)
        let crumbs = read("a=b", "__Host-gatehouse-device=dev", "__Host-gatehouse-login=log")
        #expect(crumbs[.device] == "dev")
        #expect(crumbs[.login] == "log")
    }

    @Test("a cookie of ours that comes twice counts as none, whatever the values")
    func repeated() {
        #expect(read("__Host-gatehouse=a; __Host-gatehouse=a")[.session] == nil)
        #expect(read("__Host-gatehouse=a", "__Host-gatehouse=b", "__Host-gatehouse=c")[.session] == nil)
        #expect(read("__Host-gatehouse=; __Host-gatehouse=a")[.session] == nil)
        #expect(read("__Host-gatehouse=a; __Host-gatehouse-login=a")[.session] == "a")
    }

    @Test(
        "a value that we never write counts as none",
        arguments: [("a", true), ("a b", false), ("\"a\"", false), ("a=b", false), ("ä", false), ("", false)])
    func values(value: String, isTaken: Bool) {
        #expect((read("__Host-gatehouse-login=\(value)")[.login] != nil) == isTaken)
    }

    @Test("names are compared exactly")
    func names() {
        #expect(read("__host-gatehouse=a; gatehouse=b; __Host-gatehouse2=c")[.session] == nil)
    }

    @Test("a value is as long as the longest that we write at most")
    func bounds() {
        #expect(read("__Host-gatehouse-login=\(String(repeating: "a", count: 64))")[.login] != nil)
        #expect(read("__Host-gatehouse-login=\(String(repeating: "a", count: 65))")[.login] == nil)
        #expect(read("__Host-gatehouse-device=\(String(repeating: "a", count: 87))")[.device] != nil)
        #expect(read("__Host-gatehouse-device=\(String(repeating: "a", count: 88))")[.device] == nil)
        #expect(read("__Host-gatehouse-sso=\(String(repeating: "a", count: 3800))")[.sso] != nil)
        #expect(read("__Host-gatehouse-sso=\(String(repeating: "a", count: 3801))")[.sso] == nil)
        #expect(read("__Host-gatehouse=\(String(repeating: "a", count: 128))")[.session] != nil)
        #expect(read("__Host-gatehouse=\(String(repeating: "a", count: 129))")[.session] == nil)
    }

    @Test("they are set for the whole host, never for its neighbours, and never for scripts")
    func written() {
        #expect(
            PortalCookies.setting(.session, to: "v").value
                == "__Host-gatehouse=v; Path=/; Secure; HttpOnly; SameSite=Lax")
        #expect(PortalCookies.setting(.device, to: "v", maxAge: 9).value.hasSuffix("; SameSite=Lax; Max-Age=9"))
        #expect(PortalCookies.setting(.device, to: "v", maxAge: -9).value.hasSuffix("; Max-Age=0"))
        #expect(PortalCookies.clearing(.session).value.hasPrefix("__Host-gatehouse=; "))
        for name in PortalCookies.Name.allCases {
            #expect(PortalCookies.setting(name, to: "v").value.contains("; SameSite=None") == (name == .sso))
        }
        #expect(
            PortalCookies.setting(.sso, to: "v", maxAge: 600).value
                == "__Host-gatehouse-sso=v; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=600")
    }
}
