extension FaultRow {
    /// Routes, what they match and what they name.
    static let routeFaults: [FaultRow] = [
        FaultRow(
            "an unknown upstream is refused with the nearest",
            adding: #"routes: [{ name: r, match: { host: "*" }, upstream: ap }]"#,
            faults: [
                #"g.yaml:4:53 routes[0].upstream: "ap" is not a configured upstream; configured: app; did "#
                    + #"you mean "app"?"#
            ]),
        FaultRow(
            "an upstream is unknown where there is none",
            upstreams: #"upstreams: {}"#,
            adding: #"routes: [{ name: r, match: { host: "*" }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:53 routes[0].upstream: "app" is not a configured upstream; configured: none"#
            ]),
        FaultRow(
            "WebSockets to an upstream that speaks HTTP/2 are refused",
            upstreams: #"upstreams: { app: { servers: ["h2c://a:1"] } }"#,
            adding: #"routes: [{ name: r, match: { host: "*" }, upstream: app, upgrades: [websocket] }]"#,
            faults: [
                #"g.yaml:4:53 routes[0].upstream: "app" speaks HTTP/2, over which no WebSocket goes to an "#
                    + #"application; allowed: an upstream without http2, for routes with upgrades; give the route an "#
                    + #"upstream of its own, of the same servers without http2"#
            ]),
        FaultRow(
            "an unknown access word is refused with the nearest",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: publik }]"#,
            faults: [
                #"g.yaml:4:75 routes[0].access: "publik" is not an access rule; allowed: public, "#
                    + #"optional, authenticated; did you mean "public"?"#
            ]),
        FaultRow(
            "an access of nothing is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: {} }]"#,
            faults: [
                #"g.yaml:4:75 routes[0].access: no requirement stands here; allowed: roles, mfa, "#
                    + #"networks, at least one of them; write authenticated for any member"#
            ]),
        FaultRow(
            "an access with an empty list of roles is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { roles: [] } "#
                + #"}]"#,
            faults: [
                #"g.yaml:4:84 routes[0].access.roles: the list is empty; allowed: 1 to 100 entries"#
            ]),
        FaultRow(
            "an access list is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: [admin] }]"#,
            faults: [
                #"g.yaml:4:75 routes[0].access: a list stands here; expected an access rule: public, "#
                    + #"optional, authenticated, or a mapping with the keys roles, mfa, networks"#
            ]),
        FaultRow(
            "a role that is not in the catalogue is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { roles: "#
                + #"[amdin] } }]"#,
            faults: [
                #"g.yaml:4:85 routes[0].access.roles[0]: "amdin" is not a role of the catalogue; roles: "#
                    + #"user, admin; did you mean "admin"?"#
            ]),
        FaultRow(
            "a role with capitals is refused with the lower case",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { roles: "#
                + #"[Admin] } }]"#,
            faults: [
                #"g.yaml:4:85 routes[0].access.roles[0]: "Admin" is not a role name; allowed: 1 to 63 of "#
                    + #"a-z, 0-9, _ and -; did you mean "admin"?"#
            ]),
        FaultRow(
            "a second factor without its age is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { mfa: {} } }]"#,
            faults: [
                #"g.yaml:4:82 routes[0].access.mfa.within: missing; required: How long ago the second "#
                    + #"factor may have been proved, such as 12h."#
            ]),
        FaultRow(
            "a second factor without bound is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { mfa: { "#
                + #"within: 365d } } }]"#,
            faults: [
                #"g.yaml:4:92 routes[0].access.mfa.within: "365d" is out of bounds; allowed: 1m to 30d, a "#
                    + #"number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a network of a route with host bits is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, access: { networks: "#
                + #"[192.168.1.1/24] } }]"#,
            faults: [
                #"g.yaml:4:88 routes[0].access.networks[0]: "192.168.1.1/24" has bits set behind its "#
                    + #"prefix; allowed: an address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32; did you mean "#
                    + #""192.168.1.0/24", or the one address "192.168.1.1"?"#
            ]),
        FaultRow(
            "an unknown method is refused with the nearest",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, methods: [GTE] }]"#,
            faults: [
                #"g.yaml:4:77 routes[0].methods[0]: "GTE" is not a registered method; allowed: a "#
                    + #"registered method but TRACE and CONNECT, such as GET, HEAD, POST; did you mean "GET"?"#
            ]),
        FaultRow(
            "a method in lower case is refused with the right case",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, methods: [get] }]"#,
            faults: [
                #"g.yaml:4:77 routes[0].methods[0]: "get" is not a registered method; allowed: a "#
                    + #"registered method but TRACE and CONNECT, such as GET, HEAD, POST; did you mean "GET"?"#
            ]),
        FaultRow(
            "TRACE is never forwarded",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, methods: [TRACE] }]"#,
            faults: [
                #"g.yaml:4:77 routes[0].methods[0]: TRACE is never forwarded; allowed: a registered "#
                    + #"method but TRACE and CONNECT, such as GET, HEAD, POST"#
            ]),
        FaultRow(
            "an empty list of methods is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, methods: [] }]"#,
            faults: [
                #"g.yaml:4:76 routes[0].methods: the list is empty; allowed: 1 to 64 entries"#
            ]),
        FaultRow(
            "an allowance is refuse or allow",
            adding: #"routes: [{ name: r, match: { host: "*", path: / }, upstream: app, encoded_slash: alow }]"#,
            faults: [
                #"g.yaml:4:82 routes[0].encoded_slash: "alow" is not an allowance; allowed: refuse, "#
                    + #"allow; did you mean "allow"?"#
            ]),
        FaultRow(
            "a route without host is refused",
            adding: #"routes: [{ name: r, match: { path: / }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:28 routes[0].match.host: missing; required: A host, *.HOST for every host "#
                    + #"below it, or * for every known host."#
            ]),
        FaultRow(
            "a host pattern with an inner asterisk is refused",
            adding: #"routes: [{ name: r, match: { host: app.*.org }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:36 routes[0].match.host: "app.*.org" has a * that is not its whole first "#
                    + #"label; allowed: a host, *.HOST for every host below it, or * for every known host"#
            ]),
        FaultRow(
            "a host pattern with half a label is refused",
            adding: #"routes: [{ name: r, match: { host: "app-*.example.org" }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:36 routes[0].match.host: "app-*.example.org" has a * that is not its whole "#
                    + #"first label; allowed: a host, *.HOST for every host below it, or * for every known host"#
            ]),
        FaultRow(
            "a host pattern before an address is refused",
            adding: #"routes: [{ name: r, match: { host: "*.127.0.0.1" }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:36 routes[0].match.host: "*.127.0.0.1" has a * before an address; allowed: a "#
                    + #"host, *.HOST for every host below it, or * for every known host"#
            ]),
        FaultRow(
            "a path without its slash is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: admin/ }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "admin/" does not begin with /; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/; did you mean "#
                    + #""/admin/"?"#
            ]),
        FaultRow(
            "a path with an asterisk is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: "/admin/*" }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/admin/*" has a *; allowed: / and whole segments; a "#
                    + #"/ at the end matches everything below, such as /admin/; did you mean "/admin/"?"#
            ]),
        FaultRow(
            "a path with a query is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: "/admin?x=1" }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/admin?x=1" has a query or a fragment; paths are "#
                    + #"matched without them"#
            ]),
        FaultRow(
            "a path with a dot segment is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /a/../b }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a/../b" has a . or .. segment; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "a path with an encoded dot segment is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /a/%2e%2E/b }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a/%2e%2E/b" has a . or .. segment; allowed: / and "#
                    + #"whole segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "a path with an empty segment is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /a//b }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a//b" has an empty segment; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/; write one / between "#
                    + #"segments"#
            ]),
        FaultRow(
            "a path with an encoded slash is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /a%2fb }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a%2fb" has an encoded slash; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "a path with a parameter is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /a;b }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a;b" has a path parameter; routes are matched "#
                    + #"without ; and what follows it"#
            ]),
        FaultRow(
            "a path with a backslash is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: '/a\b' }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/a\b" has a backslash; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "a path with half a percent triplet is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /100% }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/100%" has a % without two hexadecimal digits; "#
                    + #"allowed: / and whole segments; a / at the end matches everything below, such as "#
                    + #"/admin/; write %25 for %"#
            ]),
        FaultRow(
            "a path that is not UTF-8 is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /%ff }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/%ff" is not UTF-8 when decoded; allowed: / and "#
                    + #"whole segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "a path with an encoded control is refused",
            adding: #"routes: [{ name: r, match: { host: "*", path: /%00 }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:47 routes[0].match.path: "/%00" has a control character; allowed: / and whole "#
                    + #"segments; a / at the end matches everything below, such as /admin/"#
            ]),
        FaultRow(
            "two routes of one name are refused",
            adding: #"routes: [{ name: r, match: { host: a.example }, upstream: app }, { name: r, match: { "#
                + #"host: b.example }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:74 routes[1].name: "r" is the name of another route already (g.yaml:4:18); "#
                    + #"each name once"#
            ]),
        FaultRow(
            "a route on portal_host is refused",
            adding: #"portal_host: id.example.org"# + "\n"
                + #"routes: [{ name: a, match: { host: Id.example.org }, access: public, upstream: app }]"#,
            faults: [
                #"g.yaml:5:10 routes[0]: route "a" never gets a request: its host is portal_host (g.yaml:4:14); "#
                    + #"portal_host has no application; give the application another host"#
            ]),
        FaultRow(
            "a hidden route is refused",
            adding: #"routes: [{ name: all, match: { host: "*" }, upstream: app }, { name: admin, match: { "#
                + #"host: "*.example.org", path: /admin/ }, upstream: app }]"#,
            faults: [
                #"g.yaml:4:62 routes[1]: route "admin" never gets a request: "all" (g.yaml:4:10) matches "#
                    + #"all of them first; the first match wins; move it before that one, or delete it"#
            ]),
        FaultRow(
            "a role given twice is refused",
            adding: #"roles: [{ name: user }, { name: user }]"#,
            faults: [
                #"g.yaml:4:33 roles[1].name: "user" is in the catalogue already (g.yaml:4:17); each role "#
                    + #"once"#
            ]),
    ]
}
