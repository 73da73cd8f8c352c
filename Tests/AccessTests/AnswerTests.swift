import Access
import Core
import Testing

@Suite("Cache rewriting")
struct CacheRewritingTests {
    @Test(
        "shared caching goes, everything else stays",
        arguments: [
            ("public", "private"), ("max-age=60", "private, max-age=60"), ("public, max-age=60", "private, max-age=60"),
            ("max-age=60, s-maxage=600", "private, max-age=60"), ("S-MaxAge=600,PUBLIC", "private"),
            ("no-store", "private, no-store"),
            ("private", "private"), ("private, max-age=0", "private, max-age=0"),
            ("private=\"x-a, x-b\", max-age=1", "private, max-age=1"),
            ("no-cache=\"set-cookie, x\"", "private, no-cache=\"set-cookie, x\""),
            (" ,, max-age=1 ,\t", "private, max-age=1"),
            ("publicity=1", "private, publicity=1"), ("x=\"a, public, b\"", "private, x=\"a, public, b\""),
            ("x=\"\\\", public\", public", "private, x=\"\\\", public\""), ("s-maxage = 5", "private"),
            ("public=1", "private"),
            ("stale-while-revalidate=5, public", "private, stale-while-revalidate=5"),
        ])
    func rewriting(value: String, rewritten: String) {
        var bytes = Array("before ".utf8)
        CacheRewriting.append(Array(value.utf8).span.bytes, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "before " + rewritten)
    }

    @Test("where nothing was said, nothing is kept unasked", arguments: ["", " ", ",", " , ,"])
    func nothingSaid(value: String) {
        var bytes: [UInt8] = []
        CacheRewriting.append(Array(value.utf8).span.bytes, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "private, no-cache")
    }

    @Test(
        "what cannot be read is not stored at all",
        arguments: ["max-age=\"1", "\"", "public, x=\"\\", "x=\"\\\"", "a\u{0}b"])
    func unreadable(value: String) {
        var bytes: [UInt8] = []
        CacheRewriting.append(Array(value.utf8).span.bytes, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "private, no-store")
    }
}

@Suite("Problems and challenges")
struct ProblemDocumentTests {
    @Test("a problem names type, title, status, code, request id and the way to sign in")
    func document() {
        var bytes: [UInt8] = []
        ProblemDocument.append(
            .loginRequired, status: 401, requestID: "r-1", loginURL: "https://app.example.org/.gatehouse/login",
            to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"type":"urn:gatehouse:reason:login-required","title":"Signing in is required","status":401,\
                "code":"login-required","request_id":"r-1","login_url":"https://app.example.org/.gatehouse/login"}

                """)
    }

    @Test("no value can leave its string")
    func escaping() {
        var bytes: [UInt8] = []
        ProblemDocument.append(.roleMissing, status: 403, requestID: "a\"\\\n\u{1f}ä", to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\"request_id\":\"a\\\"\\\\\\u000a\\u001fä\"}"))
    }

    private func challenge(_ path: String, signedIn: Bool) throws -> String {
        var world = AccessWorld()
        world.ask(path)
        if signedIn { world.signIn() }
        var bytes: [UInt8] = []
        Challenge.append(for: try #require(try world.decide().refusal), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a missing session is challenged with Bearer, a missing factor as RFC 9470 says")
    func challenges() throws {
        #expect(try challenge("/", signedIn: false) == "Bearer")
        #expect(
            try challenge("/vault/", signedIn: true)
                == "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"")
    }

    @Test("an Allow field lists the methods")
    func allow() {
        var bytes: [UInt8] = []
        Challenge.appendAllow(MethodSet([.post, .get]), to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "GET, POST")
    }
}
