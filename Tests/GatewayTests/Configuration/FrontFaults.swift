extension FaultRow {
    private static func route(_ keys: String, path: String = "/shop/") -> String {
        "routes: [{ name: r, match: { host: a.example, path: \(path) }, upstream: app, \(keys) }]"
    }

    /// What is changed on the way: HSTS, header rules, prefixes.
    static let frontFaults: [FaultRow] = [
        FaultRow(
            "preload without what the lists ask for is refused",
            adding: "hsts: { preload: true }",
            faults: [
                #"g.yaml:4:18 hsts.preload: the lists take no host without include_subdomains, or with a max_age of "#
                    + #"less than 365d; allowed: preload with include_subdomains: true and max_age: 365d or more; "#
                    + #"write both, or preload: false"#
            ]),
        FaultRow(
            "preload for less than a year is refused",
            adding: "hsts: { max_age: 364d, include_subdomains: true, preload: true }",
            faults: [
                #"g.yaml:4:59 hsts.preload: the lists take no host without include_subdomains, or with a max_age of "#
                    + #"less than 365d; allowed: preload with include_subdomains: true and max_age: 365d or more; "#
                    + #"write both, or preload: false"#
            ]),
        FaultRow(
            "an age of half a second is refused",
            adding: "hsts: { max_age: 500ms }",
            faults: [
                #"g.yaml:4:18 hsts.max_age: "500ms" is no whole number of seconds; allowed: whole seconds (RFC 6797 "#
                    + #"§6.1.1); write 365d"#
            ]),
        FaultRow(
            "a header that says who somebody is cannot be set",
            adding: route("request_headers: { set: { X-User-ID: mia } }"),
            faults: [
                #"g.yaml:4:104 routes[0].request_headers.set.X-User-ID: "X-User-ID" says who somebody is, which "#
                    + #"Gatehouse alone does; allowed: headers of the application's own; delete it"#
            ]),
        FaultRow(
            "a look-alike of a header of ours cannot be removed",
            adding: route("request_headers: { remove: [x_user_id] }"),
            faults: [
                #"g.yaml:4:106 routes[0].request_headers.remove[0]: "x_user_id" reads like a header that Gatehouse "#
                    + #"sets or removes itself; allowed: headers of the application's own; take another name"#
            ]),
        FaultRow(
            "a header that frames a message cannot be set",
            adding: route("request_headers: { set: { Transfer-Encoding: chunked } }"),
            faults: [
                #"g.yaml:4:104 routes[0].request_headers.set.Transfer-Encoding: "Transfer-Encoding" frames the message "#
                    + #"or concerns one connection, which Gatehouse alone decides; allowed: headers of the "#
                    + #"application's own; delete it"#
            ]),
        FaultRow(
            "the host cannot be set",
            adding: route("request_headers: { set: { Host: app } }"),
            faults: [
                #"g.yaml:4:104 routes[0].request_headers.set.Host: "Host" is what the request was judged by; "#
                    + #"allowed: headers of the application's own; delete it"#
            ]),
        FaultRow(
            "where a request comes from cannot be set",
            adding: route("request_headers: { set: { X-Forwarded-For: 192.0.2.1 } }"),
            faults: [
                #"g.yaml:4:104 routes[0].request_headers.set.X-Forwarded-For: "X-Forwarded-For" says where a request "#
                    + #"comes from or goes to, which Gatehouse alone does; allowed: headers of the application's "#
                    + #"own; delete it"#
            ]),
        FaultRow(
            "cookies cannot be set",
            adding: route("response_headers: { set: { Set-Cookie: a=b } }"),
            faults: [
                #"g.yaml:4:105 routes[0].response_headers.set.Set-Cookie: "Set-Cookie" carries the gateway's own "#
                    + #"cookies, which are sorted out for each request; allowed: headers of the application's own; "#
                    + #"delete it"#
            ]),
        FaultRow(
            "who may keep an answer cannot be set",
            adding: route("response_headers: { set: { Cache-Control: public } }"),
            faults: [
                #"g.yaml:4:105 routes[0].response_headers.set.Cache-Control: "Cache-Control" follows from who may see "#
                    + #"the answer; allowed: headers of the application's own; let the application say it, with "#
                    + #"shared_cache: true if need be"#
            ]),
        FaultRow(
            "hsts is no route's",
            adding: route("response_headers: { remove: [Strict-Transport-Security] }"),
            faults: [
                #"g.yaml:4:107 routes[0].response_headers.remove[0]: "Strict-Transport-Security" is sent on every "#
                    + #"answer or on none; allowed: headers of the application's own; write hsts at the top of the "#
                    + #"file"#
            ]),
        FaultRow(
            "what never passes cannot be set",
            adding: route("response_headers: { set: { Alt-Svc: clear } }"),
            faults: [
                #"g.yaml:4:105 routes[0].response_headers.set.Alt-Svc: "Alt-Svc" never passes; allowed: headers of "#
                    + #"the application's own; delete it"#
            ]),
        FaultRow(
            "one header twice is refused, however it is spelt",
            adding: route("request_headers: { set: { X-Env: a }, remove: [x_env] }"),
            faults: [
                #"g.yaml:4:125 routes[0].request_headers.remove[0]: "x_env" is read like "#
                    + #"routes[0].request_headers.set.X-Env (g.yaml:4:104); each header once, under set, set_file or "#
                    + #"remove; delete one; set removes what came already"#
            ]),
        FaultRow(
            "a name that is no token is refused",
            adding: route("request_headers: { set: { \"X Env\": a } }"),
            faults: [
                #"g.yaml:4:104 routes[0].request_headers.set.X Env: "X Env" is not a header's name; allowed: 1 to 100 "#
                    + #"letters, digits and !#$%&'*+-.^_`|~"#
            ]),
        FaultRow(
            "a value that would be two lines is refused",
            adding: route("request_headers: { set: { X-Env: \"a\\r\\nX-User-ID: b\" } }"),
            faults: [
                #"g.yaml:4:111 routes[0].request_headers.set.X-Env: "a\r\nX-User-ID: b" holds a character that is "#
                    + #"not printable ASCII; allowed: up to 4096 printable ASCII characters, no space at either end"#
            ]),
        FaultRow(
            "a value with a space at its end is refused",
            adding: route("request_headers: { set: { X-Env: \"a \" } }"),
            faults: [
                #"g.yaml:4:111 routes[0].request_headers.set.X-Env: "a " has a space at an end; allowed: up to 4096 "#
                    + #"printable ASCII characters, no space at either end"#
            ]),
        FaultRow(
            "a value's file that is missing is refused",
            adding: route("request_headers: { set_file: { X-Api-Key: nowhere } }"),
            faults: [
                #"g.yaml:4:120 routes[0].request_headers.set_file.X-Api-Key: nowhere: no such file; create it, or mend "#
                    + #"the path"#
            ]),
        FaultRow(
            "answers take no values of files",
            adding: route("response_headers: { set_file: { X-Api-Key: secret } }"),
            faults: [
                #"g.yaml:4:98 routes[0].response_headers.set_file: unknown key; allowed here: set, remove"#
            ]),
        FaultRow(
            "a replacement without its slashes is refused",
            adding: route("prefix_rewrite: v1"),
            faults: [
                #"g.yaml:4:94 routes[0].prefix_rewrite: "v1" is not a path in place of another; allowed: / or whole "#
                    + #"segments of letters, digits, -, ., _ and ~ with a / at either end, such as /v1/; did you "#
                    + #"mean "/v1/"?"#
            ]),
        FaultRow(
            "a replacement that is ours is refused",
            adding: route("prefix_rewrite: /.gatehouse/"),
            faults: [
                #"g.yaml:4:94 routes[0].prefix_rewrite: "/.gatehouse/" is a path of Gatehouse's own; allowed: / or "#
                    + #"whole segments of letters, digits, -, ., _ and ~ with a / at either end, such as /v1/"#
            ]),
        FaultRow(
            "one page has no prefix",
            adding: route("prefix_rewrite: /", path: "/shop"),
            faults: [
                #"g.yaml:4:93 routes[0].prefix_rewrite: the route matches one page, "/shop", and has no folder to "#
                    + #"replace; allowed: prefix_rewrite with a match.path that ends in /; did you mean match.path: "#
                    + #"/shop/?"#
            ]),
        FaultRow(
            "empty segments and a prefix do not go together",
            adding: route("empty_segments: allow, prefix_rewrite: /"),
            faults: [
                #"g.yaml:4:117 routes[0].prefix_rewrite: the route has empty_segments: allow, so that what is left "#
                    + #"could begin with //; allowed: one of them; delete one"#
            ]),
        FaultRow(
            "a bucket without its span is refused",
            adding: route("rate_limit: { per_address: { requests: 5 } }"),
            faults: [
                #"g.yaml:4:105 routes[0].rate_limit.per_address.per: missing; required: The span in which all of "#
                    + #"them are given back, evenly."#
            ]),
        FaultRow(
            "a bucket that holds nothing is refused",
            adding: route("rate_limit: { per_session: { requests: 0, per: 1m } }"),
            faults: [
                #"g.yaml:4:117 routes[0].rate_limit.per_session.requests: 0 is out of bounds; allowed: 1 to 1000000"#
            ]),
        FaultRow(
            "a bucket that takes days is refused",
            adding: route("rate_limit: { per_tenant: { requests: 5, per: 2d } }"),
            faults: [
                #"g.yaml:4:124 routes[0].rate_limit.per_tenant.per: "2d" is out of bounds; allowed: 1s to 1d, a number "#
                    + #"and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a route has not all limits of the installation",
            adding: route("limits: { headers: 5 }"),
            faults: [
                #"g.yaml:4:88 routes[0].limits.headers: unknown key; allowed here: body, first_byte, idle, body_minimum_rate"#
            ]),
        FaultRow(
            "no place at all is refused",
            adding: route("max_in_flight: 0"),
            faults: [#"g.yaml:4:93 routes[0].max_in_flight: 0 is out of bounds; allowed: 1 to 1000000"#]),
        FaultRow(
            "a wildcard is no origin",
            adding: route("cross_origin: { origins: [\"*\"] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "*" is not one origin; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; list each; for everybody leave cross_origin away and let the application answer"#
            ]),
        FaultRow(
            "a wildcard within an origin is refused",
            adding: route("cross_origin: { origins: [\"https://*.example.org\"] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "https://*.example.org" is not one origin; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; list each; for everybody leave cross_origin away and let the application answer"#
            ]),
        FaultRow(
            "null is no origin",
            adding: route("cross_origin: { origins: [\"null\"] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "null" is not one origin; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; list each; for everybody leave cross_origin away and let the application answer"#
            ]),
        FaultRow(
            "a host alone is no origin",
            adding: route("cross_origin: { origins: [www.example.org] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "www.example.org" is not an origin; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; did you mean "https://www.example.org"?"#
            ]),
        FaultRow(
            "an origin has no path",
            adding: route("cross_origin: { origins: [https://www.example.org/] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "https://www.example.org/" is not how browsers write it; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; did you mean "https://www.example.org"?"#
            ]),
        FaultRow(
            "an origin has no port of its scheme and no capitals",
            adding: route("cross_origin: { origins: [https://WWW.example.org:443] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "https://WWW.example.org:443" is not how browsers write it; allowed: https://HOST or https://HOST:PORT, without a path; each by its name; did you mean "https://www.example.org"?"#
            ]),
        FaultRow(
            "an origin's port is one",
            adding: route("cross_origin: { origins: [https://www.example.org:0] }"),
            faults: [
                #"g.yaml:4:104 routes[0].cross_origin.origins[0]: "https://www.example.org:0" has no valid port; allowed: ports 1 to 65535"#
            ]),
        FaultRow(
            "a list of no origin is refused",
            adding: route("cross_origin: { origins: [] }"),
            faults: [
                #"g.yaml:4:103 routes[0].cross_origin.origins: the list is empty; allowed: 1 to 100 entries"#
            ]),
        FaultRow(
            "a long age is refused",
            adding: route("cross_origin: { origins: [https://a.example], max_age: 2d }"),
            faults: [
                #"g.yaml:4:133 routes[0].cross_origin.max_age: "2d" is out of bounds; allowed: 0s to 1d, a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "what cross_origin says is said once",
            adding: route(
                "cross_origin: { origins: [https://a.example] }, "
                    + "response_headers: { set: { Access-Control-Allow-Origin: \"*\" } }"),
            faults: [
                #"g.yaml:4:153 routes[0].response_headers.set.Access-Control-Allow-Origin: "#
                    + #""Access-Control-Allow-Origin" is what cross_origin of this route says; allowed: one of them; "#
                    + #"delete it"#
            ]),
    ]
}
