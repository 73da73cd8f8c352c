import Core
import Testing

/// Security rule 2: what two parsers could read differently is refused, or needs the route's allowance.
@Suite("Canonical path")
struct CanonicalPathTests {
    private func read(_ text: String) -> (path: CanonicalPath, reason: ReasonCode?) {
        var path = CanonicalPath()
        let reason = path.read(text: text)
        return (path, reason)
    }

    private func lies(_ text: String, at stem: String, reading: CanonicalPath.Reading = .lenient) -> Bool {
        read(text).path.lies(text: stem, reading: reading)
    }

    @Test(
        "a path with one reading is decoded once",
        arguments: [
            ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/a/b.c/..d/e..", "/a/b.c/..d/e.."), ("/...", "/..."),
            ("/.gatehouse/login", "/.gatehouse/login"), ("/%61dmin", "/admin"), ("/a%20b", "/a b"),
            ("/%C3%A4", "/ä"), ("/%c3%a4", "/ä"), ("/%F0%9F%98%80", "/😀"), ("/a%3Fb%23c", "/a?b#c"),
            ("/100%25", "/100%"),
            ("/%2525", "/%25"), ("/a|b[c]{d}^\"<>", "/a|b[c]{d}^\"<>"), ("/~!$&'()*+,=:@", "/~!$&'()*+,=:@"),
            ("/%252", "/%2"), ("/%25zz", "/%zz"), ("/%252e%252e/", "/%2e%2e/"), ("/a%252fb", "/a%2fb"),
        ])
    func plain(raw: String, decoded: String) {
        let (path, reason) = read(raw)
        #expect(reason == nil)
        #expect(path.text == decoded)
        #expect(path.needs == [])
        #expect(path.count(.lenient) == decoded.utf8.count)
        #expect(path.count(.literal) == decoded.utf8.count)
    }

    @Test(
        "a malformed path is path-malformed",
        arguments: [
            "", "a", "a/b", "*", "/%", "/%4", "/%4g", "/%g4", "/%%41", "/a b", "/a?b", "/a#b", "/ä", "/%u0041",
        ])
    func malformed(raw: String) { #expect(read(raw).reason == .pathMalformed) }

    @Test(
        "a dot segment is refused in every spelling and under every cut",
        arguments: [
            "/.", "/..", "/./", "/../", "/a/.", "/a/..", "/a/./b", "/a/../b", "/%2e", "/%2E%2e/a", "/.%2e/a",
            "/a/%2e%2e",
            "/..;/a", "/..;x=1/a", "/.;", "/a/..;", "/..%3b/a", "/a%2f..", "/a%2F../b", "/..%2fa", "/a/..%2Fb", "//..",
            "//../a",
            "/a//./b", "/;/../a",
        ])
    func dots(raw: String) { #expect(read(raw).reason == .pathDotSegment) }

    @Test("dots beside other bytes are no dot segment", arguments: ["/..a", "/a..", "/...", "/.a", "/a./b", "/..%41"])
    func noDots(raw: String) { #expect(read(raw).reason == nil) }

    @Test("a backslash is refused, plain or encoded", arguments: ["/a\\b", "/a%5cb", "/a%5Cb", "/\\..\\a", "/%5c"])
    func backslash(raw: String) { #expect(read(raw).reason == .pathBackslash) }

    @Test(
        "a control is refused, plain or encoded",
        arguments: [
            "/%00", "/a%00.png", "/%01", "/%0a", "/%0D%0A", "/%1f", "/%7f", "/%7F", "/a\u{1}", "/a\tb", "/\u{7f}",
        ])
    func control(raw: String) { #expect(read(raw).reason == .pathControl) }

    @Test(
        "invalid UTF-8 is refused",
        arguments: [
            "/%80", "/%BF", "/%C0%AF", "/%C0%AE", "/%C1%9C", "/%E0%80%AF", "/%E0%9F%BF", "/%ED%A0%80", "/%ED%BF%BF",
            "/%F0%80%80%AF", "/%F4%90%80%80", "/%F5%80%80%80", "/%FF", "/%C3", "/%C3/", "/%C3a", "/%E2%82",
            "/%E2%82/%AC",
        ])
    func invalidUTF8(raw: String) { #expect(read(raw).reason == .pathInvalidUTF8) }

    @Test(
        "the accepted twins of invalid UTF-8 are read",
        arguments: ["/%C3%A4", "/%E0%A0%80", "/%ED%9F%BF", "/%F4%8F%BF%BF"])
    func validUTF8(raw: String) { #expect(read(raw).reason == nil) }

    @Test(
        "a form that parsers disagree about is recorded, not refused",
        arguments: [
            ("/a;b", "/a", PathForms.parameters), ("/a%3bb/c", "/a/c", .parameters), ("/a;b/c;d", "/a/c", .parameters),
            ("/a;", "/a", .parameters), ("/a%2Fb", "/a/b", .encodedSlash), ("/a%2f", "/a/", .encodedSlash),
            ("//a", "/a", .emptySegments), ("/a//b", "/a/b", .emptySegments), ("/a//", "/a/", .emptySegments),
            ("//", "/", .emptySegments), ("/a%2F/b", "/a/b", [.encodedSlash, .emptySegments]),
            ("/%2Fa", "/a", [.encodedSlash, .emptySegments]), ("/;x/a", "/a", [.parameters, .emptySegments]),
            ("/a%2Fb;c", "/a/b", [.encodedSlash, .parameters]),
        ] as [(String, String, PathForms)])
    func forms(raw: String, lenient: String, needs: PathForms) {
        let (path, reason) = read(raw)
        #expect(reason == nil)
        #expect(path.text == lenient)
        #expect(path.needs == needs)
    }

    @Test(
        "an encoded slash inside parameters is path-encoded-slash", arguments: ["/a;b%2Fc", "/a;%2f", "/a/b;c=d%2fe/f"])
    func slashInParameters(raw: String) { #expect(read(raw).reason == .pathEncodedSlash) }

    @Test("the gravest form names the refusal")
    func gravest() {
        #expect(PathForms([.encodedSlash, .parameters, .emptySegments]).refusal == .pathEncodedSlash)
        #expect(PathForms([.parameters, .emptySegments]).refusal == .pathParameter)
        #expect(PathForms.emptySegments.refusal == .pathEmptySegment)
        #expect(PathForms().refusal == nil)
    }

    @Test("the lenient reading sees through each form, the literal one does not")
    func twoReadings() {
        for raw in ["/admin%2Fusers", "/admin;x/users", "//admin/users"] {
            #expect(lies(raw, at: "/admin"), "\(raw)")
            #expect(!lies(raw, at: "/admin", reading: .literal), "\(raw)")
        }
        #expect(lies("/admin/a%2Fb", at: "/admin", reading: .literal))
        #expect(!lies("/admin/a%2Fb", at: "/admin/a", reading: .literal))
    }

    @Test("stems match by whole segments and ignore ASCII case")
    func segments() {
        #expect(lies("/admin", at: "/admin"))
        #expect(lies("/admin/", at: "/admin"))
        #expect(lies("/ADMIN/x", at: "/admin"))
        #expect(!lies("/administrator", at: "/admin"))
        #expect(!lies("/admi", at: "/admin"))
        #expect(lies("/anything", at: ""))
        let path = read("/Admin/x").path
        #expect(!path.lies(text: "/admin", isExact: false, isCaseSensitive: true))
        #expect(path.lies(text: "/Admin", isExact: false, isCaseSensitive: true))
        #expect(!path.lies(text: "/admin", isExact: true, isCaseSensitive: false))
    }

    @Test("the head is the first sixteen bytes in lower case")
    func head() {
        #expect(read("/AbC").path.head(.lenient) == 0x2F61_6263 << 96)
        #expect(read("/abcdefghijklmnopq").path.head(.literal) == 0x2F61_6263_6465_6667_6869_6A6B_6C6D_6E6F)
    }

    @Test("storage grows with long paths and is read over without leftovers")
    func reuse() {
        var path = CanonicalPath()
        let long = "/" + String(repeating: "a", count: 5_000) + "%2F" + String(repeating: "b", count: 5_000)
        #expect(path.read(text: long) == nil)
        #expect(path.count(.lenient) == 10_002)
        #expect(path.read(text: "/x") == nil)
        #expect(path.needs == [])
        #expect(path.text == "/x")
    }
}
