import Access
import HTTPTypes
import Testing

@testable import Portal

@Suite("Assets")
struct AssetEndpointTests {
    private let path = "/.gatehouse/assets/style.abababababababab.css"
    private let tag = "\"style.abababababababab.css\""

    private func router() throws -> PortalRouter { .standard(pages: try pages(), securityText: nil) }

    @Test("the stylesheet is served under its hashed name and may be kept for ever")
    func served() async throws {
        let response = try await router().response(to: request(.get, path))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/css; charset=utf-8")
        #expect(response.head.headerFields[.cacheControl] == "public, max-age=31536000, immutable")
        #expect(response.head.headerFields[.eTag] == tag)
        #expect(response.head.headerFields[.xContentTypeOptions] == "nosniff")
        #expect(response.body == (try pages().stylesheet.bytes))
    }

    @Test("HEAD is answered as GET is")
    func head() async throws {
        let get = try await router().response(to: request(.get, path))
        let head = try await router().response(to: request(.head, path))
        #expect(head.head == get.head)
        #expect(head.body == get.body)
    }

    @Test(
        "a client that has it already is told so",
        arguments: [
            "\"style.abababababababab.css\"", "W/\"style.abababababababab.css\"", "*",
            "\"x\", \"style.abababababababab.css\"",
        ])
    func notModified(condition: String) async throws {
        let response = try await router().response(to: request(.get, path, fields: [.ifNoneMatch: condition]))
        #expect(response.head.status == .notModified)
        #expect(response.head.headerFields[.eTag] == tag)
        #expect(response.body.isEmpty)
    }

    @Test("a client that has another one gets it", arguments: ["\"other\"", "", "style.abababababababab.css"])
    func modified(condition: String) async throws {
        let response = try await router().response(to: request(.get, path, fields: [.ifNoneMatch: condition]))
        #expect(response.head.status == .ok)
    }

    @Test(
        "any other name is not found",
        arguments: ["style.css", "", "style.abababababababab.css/", "STYLE.abababababababab.css", "x/y", "%73tyle.css"])
    func missing(name: String) async throws {
        let response = try await router().response(to: request(.get, AssetEndpoint.prefix + name))
        #expect(response.head.status == .notFound)
        #expect(response.text.contains("\"code\":\"page-missing\""))
    }

    @Test("another method is refused with the methods that are allowed")
    func otherMethod() async throws {
        let response = try await router().response(to: request(.post, path))
        #expect(response.head.status == .methodNotAllowed)
        #expect(response.head.headerFields[.allow] == "GET, HEAD")
    }
}
