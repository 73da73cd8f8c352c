import Access
import Core
import Foundation
import HTTPTypes
import Testing

@testable import Portal

@Suite("The echo application")
struct EchoApplicationTests {
    private func answer(_ request: PortalRequest) async throws -> PortalResponse {
        await EchoApplication(pages: try pages()).handler(request)
    }

    private func field(_ name: String, _ value: String) throws -> HTTPField {
        HTTPField(name: try #require(HTTPField.Name(name)), value: value)
    }

    private func identity() throws -> HTTPFields {
        HTTPFields([
            try field("X-Tenant-ID", "acme"), try field("X-User-ID", "7d0f"),
            try field("X-User-Email", "zo%C3%AB@acme.example"), try field("X-User-Name", "Zo%C3%AB %3Cb%3E"),
            try field("X-User-Roles", "admin,user"), try field("Accept", browserAccept),
        ])
    }

    @Test("a program gets the request as JSON, keys in order")
    func json() async throws {
        var fields: HTTPFields = [.accept: "*/*"]
        fields.append(try field("X-Twice", "one"))
        fields.append(try field("x-twice", "two"))
        let response = try await answer(request(.post, "/a?b=1", fields: fields, body: Array("hëllo".utf8)))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "application/json")
        #expect(
            response.text == """
                {
                  "body" : "hëllo",
                  "body_bytes" : 6,
                  "headers" : {
                    "accept" : [
                      "*/*"
                    ],
                    "host" : [
                      "app.example.org"
                    ],
                    "x-twice" : [
                      "one",
                      "two"
                    ]
                  },
                  "method" : "POST",
                  "peer" : "192.0.2.1",
                  "target" : "/a?b=1"
                }

                """)
    }

    @Test(
        "a body that is long or no text is counted and not told back",
        arguments: [[UInt8](repeating: 0x61, count: 4097), [0xFF, 0xFE]])
    func silentBody(body: [UInt8]) async throws {
        let response = try await answer(request(.post, "/", body: body))
        #expect(response.text.contains("\"body_bytes\" : \(body.count)"))
        #expect(!response.text.contains("\"body\" :"))
    }

    @Test("a body of the bound itself is told back")
    func longestBody() async throws {
        let response = try await answer(request(.post, "/", body: [UInt8](repeating: 0x61, count: 4096)))
        #expect(response.text.contains("\"body\" :"))
    }

    @Test("a browser gets a page that shows who is signed in, decoded and escaped")
    func page() async throws {
        let response = try await answer(request(.get, "/<x>", fields: identity()))
        #expect(response.head.headerFields[.contentType] == "text/html; charset=utf-8")
        #expect(response.head.headerFields[.contentSecurityPolicy] == (try pages().contentSecurityPolicy))
        #expect(response.text.contains("<th scope=\"row\">Tenant</th><td>acme</td>"))
        #expect(response.text.contains("<th scope=\"row\">E-mail</th><td>zoë@acme.example</td>"))
        #expect(response.text.contains("<th scope=\"row\">Name</th><td>Zoë &lt;b&gt;</td>"))
        #expect(response.text.contains("<code>x-user-name</code></th><td><code>Zo%C3%AB %3Cb%3E</code>"))
        #expect(response.text.contains("<td>/&lt;x&gt;</td>"))
        #expect(response.text.contains("action=\"/logout\""))
        #expect(!response.text.contains("Nobody"))
    }

    @Test("a browser that is nobody's is told so, and has nothing to sign out of")
    func anonymousPage() async throws {
        let response = try await answer(request(.get, "/", accept: browserAccept))
        #expect(response.text.contains("Nobody: the request carries no identity."))
        #expect(!response.text.contains("/logout"))
    }

    @Test("logout asks the gateway to end the session", arguments: ["/logout", "/logout?x=1"])
    func logout(path: String) async throws {
        let response = try await answer(request(.post, path))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.gatehouseSession] == "end")
        #expect(try await answer(request(.post, "/logout/x")).head.headerFields[.gatehouseSession] == nil)
    }

    @Test("healthz is ok, whatever the client accepts", arguments: [browserAccept, "*/*"])
    func healthz(accept: String) async throws {
        let response = try await answer(request(.get, "/healthz", accept: accept))
        #expect(response.head.status == .ok)
        #expect(response.text == "ok\n")
    }
}
