import Access
import Testing

@testable import Gateway

@Suite("A route is hidden where an earlier one matches all that it matches")
struct RouteShadowingTests {
    private func route(_ host: String, _ path: String, isCaseSensitive: Bool = false) -> RouteSettings {
        RouteSettings(name: "r", host: host, path: path, isCaseSensitive: isCaseSensitive)
    }

    @Test(
        "hosts: the earlier covers the later",
        arguments: [
            ("*", "*", true), ("*", "a.example", true), ("*", "*.a.example", true), ("a.example", "a.example", true),
            ("*.example", "a.example", true), ("*.example", "*.a.example", true), ("*.example", "*.example", true),
            ("*.example", "example", false), ("*.example", "aexample", false), ("*.a.example", "*.example", false),
            ("*.example", "*", false), ("a.example", "b.example", false), ("a.example", "*.example", false),
        ])
    func hosts(_ earlier: String, _ later: String, _ isHidden: Bool) {
        let found = shadowedRoutes([route(earlier, "/"), route(later, "/x/")])
        #expect(found == (isHidden ? [HiddenRoute(hidden: 1, by: 0)] : []))
    }

    @Test(
        "paths: whole segments, a / at the end for everything below",
        arguments: [
            ("/", "/", true), ("/", "/a", true), ("/", "/a/b/", true), ("/a/", "/a", true), ("/a/", "/a/", true),
            ("/a/", "/a/b", true), ("/a/", "/A/b", true), ("/a", "/a", true), ("/a", "/a/", false),
            ("/a", "/a/b", false),
            ("/a/", "/ab", false), ("/a/b/", "/a/", false), ("/a/", "/", false),
        ])
    func paths(_ earlier: String, _ later: String, _ isHidden: Bool) {
        let found = shadowedRoutes([route("*", earlier), route("*", later)])
        #expect(found == (isHidden ? [HiddenRoute(hidden: 1, by: 0)] : []))
    }

    @Test(
        "case: a pattern that minds it covers less",
        arguments: [
            (false, "/a/", true, "/A/b", true), (true, "/a/", true, "/a/b", true), (true, "/a/", true, "/A/b", false),
            (true, "/a/", false, "/a/b", false), (true, "/1/", false, "/1/b", true), (true, "/", false, "/a", true),
        ])
    func caseOfLetters(_ earlierMinds: Bool, _ earlier: String, _ laterMinds: Bool, _ later: String, _ isHidden: Bool) {
        let routes = [
            route("*", earlier, isCaseSensitive: earlierMinds), route("*", later, isCaseSensitive: laterMinds),
        ]
        #expect(shadowedRoutes(routes) == (isHidden ? [HiddenRoute(hidden: 1, by: 0)] : []))
    }

    @Test("the first route that hides is named, and each hidden one is found")
    func several() {
        let routes = [route("*", "/a/"), route("*", "/"), route("*", "/a/b"), route("x.example", "/c")]
        #expect(shadowedRoutes(routes) == [HiddenRoute(hidden: 2, by: 0), HiddenRoute(hidden: 3, by: 1)])
    }
}
