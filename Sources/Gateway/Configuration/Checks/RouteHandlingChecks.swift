import Access
import Core
import Proxy

/// What a route changes on the way must fit what it matches.
struct RouteHandlingChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles

    func handling(of route: RouteEntry) -> RouteHandling {
        let fields = FieldRuleChecks(reader: reader, files: files)
        if route.handling.crossOrigin != nil, let entry = route.handling.responseFields { judge(entry) }
        if let rewrite = route.handling.prefixRewrite { judge(rewrite, route) }
        if let path = route.handling.applicationSession?.logoutPath { judge(logoutPath: path, route) }
        return RouteHandling(
            requestFields: fields.rules(route.handling.requestFields, .request),
            responseFields: fields.rules(route.handling.responseFields, .response),
            prefixRewrite: route.handling.prefixRewrite?.value, limits: route.handling.limits,
            requestsInFlight: route.handling.maxInFlight, rateLimits: route.handling.rateLimits,
            applicationSession: route.handling.applicationSession?.settings)
    }

    /// A place that the route never sees, or sees without a session, ends nothing.
    private func judge(logoutPath path: Located<String>, _ route: RouteEntry) {
        let shown = ShownText.quoted(path.value)
        let folder = route.path.hasSuffix("/") ? route.path : route.path + "/"
        func folded(_ text: String) -> String { route.isCaseSensitive ? text : text.lowercased() }
        let isBelow = route.path.hasSuffix("/") && folded(path.value).hasPrefix(folded(folder))
        guard isBelow || folded(path.value) == folded(route.path) || folded(path.value) == folded(folder) else {
            return reader.report(
                path, "\(shown) is not below match.path \(ShownText.quoted(route.path)) of this route",
                allowed: "allowed: a path that the route matches", remedy: "write it at the route that matches it")
        }
        guard route.access.rule != .public else {
            return reader.report(
                path, "the route is public, and a public request has no session to end",
                allowed: "allowed: logout_path with access: optional, authenticated or roles",
                remedy: "delete it, or give \(shown) a route of its own")
        }
    }

    /// What `cross_origin` says is said once.
    private func judge(_ entry: FieldRuleEntry) {
        for name in entry.set.map(\.name) + entry.remove
        where name.value.lowercased().hasPrefix("access-control-") {
            reader.report(
                name, "\(ShownText.quoted(name.value)) is what cross_origin of this route says",
                allowed: "allowed: one of them", remedy: "delete it")
        }
    }

    private func judge(_ rewrite: Located<String>, _ route: RouteEntry) {
        if !route.path.hasSuffix("/") {
            reader.report(
                rewrite, "the route matches one page, \(ShownText.quoted(route.path)), and has no folder to replace",
                allowed: "allowed: prefix_rewrite with a match.path that ends in /",
                remedy: "did you mean match.path: \(route.path)/?")
        }
        if route.allowances.contains(.emptySegments) {
            reader.report(
                rewrite, "the route has empty_segments: allow, so that what is left could begin with //",
                allowed: "allowed: one of them", remedy: "delete one")
        }
    }
}
