import Access
import Testing

@Suite("Applications' cookies by host")
struct ApplicationCookiesTests {
    private func route(_ name: String, _ host: String, _ cookies: [String]?) -> RouteSettings {
        RouteSettings(
            name: name, host: host,
            handling: RouteHandling(applicationSession: cookies.map { ApplicationSession(cookies: $0) }))
    }

    @Test("a host has the names of every route that is for it, each once, with and without a port")
    func names() {
        let cookies = ApplicationCookies([
            route("a", "*", ["sid"]), route("b", "*.example.org", ["connect.sid", "sid"]),
            route("c", "shop.example.org", ["basket"]), route("d", "shop.example.org", nil),
        ])
        #expect(cookies.names(at: "shop.example.org:8443") == ["sid", "connect.sid", "basket"])
        #expect(cookies.names(at: "acme.example.org") == ["sid", "connect.sid"])
        #expect(cookies.names(at: "[2001:db8::1]:8443") == ["sid"])
        #expect(cookies.names(at: "not a host") == [])
        #expect(ApplicationCookies().names(at: "shop.example.org") == [])
    }
}
