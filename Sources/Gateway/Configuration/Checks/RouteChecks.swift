import Access
import Core

/// What routes name must exist, and each must be reachable.
struct RouteChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// The settings of every route; `catalogue` is nil where it was refused itself.  Reports unknown upstreams
    /// and roles, repeated names and hidden routes.
    /// - Parameter multiplexed: the upstreams that speak HTTP/2.
    func settings(
        for routes: [RouteEntry], upstreams: [String], multiplexed: Set<String>, catalogue: [RoleName]?
    ) -> [RouteSettings] {
        // Where a path was refused, what would follow from its default is not reported.
        let arePathsKnown = !reader.hasFault(below: "routes")
        var names: [String: Located<String>] = [:]
        var settings: [RouteSettings] = []
        for route in routes {
            if let earlier = names[route.name.value] {
                reader.report(
                    route.name,
                    "\(ShownText.quoted(route.name.value)) is the name of another route already (\(earlier.position))",
                    allowed: "each name once")
            } else {
                names[route.name.value] = route.name
            }
            if let catalogue { judgeRoles(route.access.roles, known: catalogue) }
            if !route.upgrades.isEmpty, multiplexed.contains(route.upstream.value) {
                reader.report(
                    route.upstream,
                    "\(ShownText.quoted(route.upstream.value)) speaks HTTP/2, over which no WebSocket goes to an application",
                    allowed: "allowed: an upstream without http2, for routes with upgrades",
                    remedy: "give the route an upstream of its own, of the same servers without http2")
            }
            settings.append(
                route.settings(
                    upstream: position(of: route.upstream, in: upstreams),
                    handling: RouteHandlingChecks(reader: reader, files: files).handling(of: route)))
        }
        guard arePathsKnown else { return settings }
        for shadowed in shadowedRoutes(settings) {
            let (hidden, hider) = (routes[shadowed.hidden], routes[shadowed.by])
            reader.report(
                hidden.place,
                "route \(ShownText.quoted(hidden.name.value)) never gets a request: "
                    + "\(ShownText.quoted(hider.name.value)) "
                    + "(\(hider.place.position)) matches all of them first",
                allowed: "the first match wins", remedy: "move it before that one, or delete it")
        }
        return settings
    }

    /// On `portal_host` no route is asked.
    func judgePortal(_ portal: Located<String>, _ routes: [RouteEntry]) {
        for route in routes where route.host.value == portal.value {
            reader.report(
                route.place,
                "route \(ShownText.quoted(route.name.value)) never gets a request: its host is portal_host "
                    + "(\(portal.position))",
                allowed: "portal_host has no application", remedy: "give the application another host")
        }
    }

    private func position(of upstream: Located<String>, in upstreams: [String]) -> Int {
        if let position = upstreams.firstIndex(of: upstream.value) { return position }
        if reader.hasFault(at: "upstreams") || reader.hasFault(at: "upstreams.\(upstream.value)") { return 0 }
        reader.report(
            upstream, "\(ShownText.quoted(upstream.value)) is not a configured upstream",
            allowed: "configured: \(upstreams.isEmpty ? "none" : ShownText.list(upstreams))",
            remedy: Spelling.suggestion(for: upstream.value, among: upstreams))
        return 0
    }

    private func judgeRoles(_ roles: [Located<RoleName>], known: [RoleName]) {
        for role in roles where !known.contains(role.value) {
            let names = known.map(\.text)
            reader.report(
                role, "\(ShownText.quoted(role.value.text)) is not a role of the catalogue",
                allowed: "roles: \(ShownText.list(names))",
                remedy: Spelling.suggestion(for: role.value.text, among: names))
        }
    }
}

/// The catalogue: each role once.
struct RoleChecks {
    let reader: ConfigurationReader

    /// The settings of every role.
    func settings(for roles: [RoleEntry]) -> [RoleSettings] {
        var names: [RoleName: Located<RoleName>] = [:]
        for role in roles {
            if let earlier = names[role.name.value] {
                reader.report(
                    role.name,
                    "\(ShownText.quoted(role.name.value.text)) is in the catalogue already (\(earlier.position))",
                    allowed: "each role once")
            } else {
                names[role.name.value] = role.name
            }
        }
        return roles.map { RoleSettings(name: $0.name.value, isDefault: $0.isDefault, assignableBy: $0.assignableBy) }
    }
}
