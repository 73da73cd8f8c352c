import Access
import Core

/// A route that an earlier one hides wholly: every request that it matches, the earlier one matches first.
struct HiddenRoute: Hashable, Sendable {
    /// Position of the route that never gets a request.
    let hidden: Int
    /// Position of the first route that hides it.
    let by: Int
}

/// The hidden ones of `routes`, in their order.  Methods do not choose a route, so they do not count here.
func shadowedRoutes(_ routes: [RouteSettings]) -> [HiddenRoute] {
    routes.indices.compactMap { index in
        routes[..<index].firstIndex { hides($0, routes[index]) }.map { HiddenRoute(hidden: index, by: $0) }
    }
}

private func hides(_ earlier: RouteSettings, _ later: RouteSettings) -> Bool {
    covers(host: earlier.host, later.host) && covers(pathOf: earlier, pathOf: later)
}

private func covers(host earlier: String, _ later: String) -> Bool {
    if earlier == "*" || earlier == later { return true }
    // `*.example.org` covers `a.example.org` and `*.a.example.org`, but not `example.org`.
    return earlier.hasPrefix("*.") && later.hasSuffix(earlier.dropFirst(1)) && later != "*"
}

private func covers(pathOf earlier: RouteSettings, pathOf later: RouteSettings) -> Bool {
    let folded = foldedASCII(earlier.path)
    // A pattern that minds its case covers one that does not only where no letter can differ.
    if earlier.isCaseSensitive, !later.isCaseSensitive, hasASCIILetter(earlier.path) { return false }
    let (pattern, path) =
        earlier.isCaseSensitive ? (earlier.path, later.path) : (folded, foldedASCII(later.path))
    guard pattern.hasSuffix("/") else { return pattern == path }
    return path.hasPrefix(pattern) || path == String(pattern.dropLast())
}

private func foldedASCII(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
}

private func hasASCIILetter(_ text: String) -> Bool {
    text.utf8.contains { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
}
