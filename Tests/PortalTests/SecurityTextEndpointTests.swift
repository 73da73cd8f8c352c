import Access
import Core
import HTTPTypes
import Testing

@testable import Portal

@Suite("security.txt")
struct SecurityTextEndpointTests {
    /// 2025-11-21T22:00:00Z.
    private let now = WallTime(milliseconds: 1_763_762_400_000)

    private func made(_ contact: String, publicURL: String = "https://app.example.org:8443")
        -> SecurityTextEndpoint?
    {
        let now = now
        return SecurityTextEndpoint(contact: contact, publicURL: publicURL) { now }
    }

    @Test("it names contact, expiry in 180 days, languages and its own place", arguments: ["", "/"])
    func file(slash: String) async throws {
        let endpoint = try #require(
            made("mailto:security@example.org", publicURL: "https://app.example.org:8443" + slash))
        let router = PortalRouter.standard(pages: try pages(), securityText: endpoint)
        let response = await router.response(to: request(.get, "/.well-known/security.txt"))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(
            response.text == """
                Contact: mailto:security@example.org
                Expires: 2026-05-20T00:00:00Z
                Preferred-Languages: en, de
                Canonical: https://app.example.org:8443/.well-known/security.txt

                """)
    }

    @Test("without a contact there is no such file")
    func absent() async throws {
        let router = PortalRouter.standard(pages: try pages(), securityText: nil)
        #expect(await router.response(to: request(.get, "/.well-known/security.txt")).head.status == .notFound)
    }

    @Test(
        "a contact that is no URI of one line is refused",
        arguments: [
            ("https://example.org/security", true), ("tel:+49-30-123456", true), ("MAILTO:s@example.org", true),
            ("security@example.org", false), ("http://example.org", false), ("mailto:", false), ("", false),
            ("mailto:s@example.org\nContact: mailto:x@evil.example", false), ("mailto:s@exämple.org", false),
            ("mailto:" + String(repeating: "a", count: 1018), false),
        ])
    func contacts(contact: String, isAccepted: Bool) {
        #expect((made(contact) != nil) == isAccepted)
    }
}
