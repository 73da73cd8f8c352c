extension FaultRow {
    /// URLs, servers and hosts.
    static let urlFaults: [FaultRow] = [
        FaultRow(
            "a public URL in clear is refused",
            publicURL: #"public_url: http://app.example.org"#,
            faults: [
                #"g.yaml:1:13 public_url: "http://app.example.org" is not https; allowed: https://HOST or "#
                    + #"https://HOST:PORT; did you mean "https://app.example.org"?"#
            ]),
        FaultRow(
            "a public URL without scheme is refused",
            publicURL: #"public_url: app.example.org"#,
            faults: [
                #"g.yaml:1:13 public_url: "app.example.org" has no scheme; allowed: https://HOST or "#
                    + #"https://HOST:PORT; did you mean "https://app.example.org"?"#
            ]),
        FaultRow(
            "a public URL with a path is refused",
            publicURL: #"public_url: https://app.example.org/app"#,
            faults: [
                #"g.yaml:1:13 public_url: "https://app.example.org/app" has a path, a query or a "#
                    + #"fragment; allowed: https://HOST or https://HOST:PORT; did you mean "#
                    + #""https://app.example.org"?"#
            ]),
        FaultRow(
            "a public URL with a user is refused",
            publicURL: #"public_url: https://me@app.example.org"#,
            faults: [
                #"g.yaml:1:13 public_url: "https://me@app.example.org" names a user; allowed: "#
                    + #"https://HOST or https://HOST:PORT"#
            ]),
        FaultRow(
            "a public URL with port 0 is refused",
            publicURL: #"public_url: https://app.example.org:0"#,
            faults: [
                #"g.yaml:1:13 public_url: "https://app.example.org:0" has port 0; allowed: https://HOST "#
                    + #"or https://HOST:PORT"#
            ]),
        FaultRow(
            "a public URL with a bad port is refused",
            publicURL: #"public_url: https://app.example.org:port"#,
            faults: [
                #"g.yaml:1:13 public_url: "https://app.example.org:port" has no valid port; allowed: "#
                    + #"ports 1 to 65535"#
            ]),
        FaultRow(
            "a public URL without a host is refused",
            publicURL: #"public_url: "https://""#,
            faults: [
                #"g.yaml:1:13 public_url: the host is empty; allowed: https://HOST or https://HOST:PORT"#
            ]),
        FaultRow(
            "a host with letters outside ASCII is refused",
            publicURL: #"public_url: https://müller.example"#,
            faults: [
                #"g.yaml:1:13 public_url: "https://müller.example" has letters outside ASCII; allowed: "#
                    + #"https://HOST or https://HOST:PORT; write its A-labels (xn--…, RFC 5890 §2.3.2.1)"#
            ]),
        FaultRow(
            "a unix socket without an absolute path is refused",
            upstreams: #"upstreams: { app: { servers: ["unix:app.sock", "unix:///run/app.sock"] } }"#,
            faults: [
                #"g.yaml:3:31 upstreams.app.servers[0]: "unix:app.sock" has no absolute path; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH"#,
                #"g.yaml:3:48 upstreams.app.servers[1]: "unix:///run/app.sock" has no absolute path; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH; did you mean "unix:/run/app.sock"?"#,
            ]),
        FaultRow(
            "a unix socket's path that is too long is refused",
            upstreams: "upstreams: { app: { servers: [\"unix:/\(String(repeating: "s", count: 107))\"] } }",
            faults: [
                "g.yaml:3:31 upstreams.app.servers[0]: \"unix:/\(String(repeating: "s", count: 74))…\": the path has "
                    + "108 bytes; allowed: 1 to 107 bytes"
            ]),
        FaultRow(
            "schemes that other products have for HTTP/2 are refused, with the way it is written here",
            upstreams: #"upstreams: { app: { servers: ["grpc://a:50051", "grpcs://a:50051"] } }"#,
            faults: [
                #"g.yaml:3:31 upstreams.app.servers[0]: "grpc://a:50051" is neither http nor https; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH; did you mean "h2c://a:50051"?"#,
                #"g.yaml:3:49 upstreams.app.servers[1]: "grpcs://a:50051" is neither http nor https; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH; did you mean "https://a:50051", with "#
                    + #"http2: true beside servers?"#,
            ]),
        FaultRow(
            "servers of one upstream that speak different versions of HTTP are refused",
            upstreams: #"upstreams: { app: { servers: ["h2c://a:1", "http://a:2"], http2: false } }"#,
            faults: [
                "g.yaml:3:66 upstreams.app.http2: some servers of this upstream are h2c, which is HTTP/2, and some are "
                    + "not; allowed: one version of HTTP for all servers of an upstream; set http2: true, or give each "
                    + "version an upstream of its own"
            ]),
        FaultRow(
            "a server without scheme is refused",
            upstreams: #"upstreams: { app: { servers: ["127.0.0.1:3000"] } }"#,
            faults: [
                #"g.yaml:3:31 upstreams.app.servers[0]: "127.0.0.1:3000" has no scheme; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH; did you mean "http://127.0.0.1:3000"?"#
            ]),
        FaultRow(
            "a server with a path is refused",
            upstreams: #"upstreams: { app: { servers: ["https://127.0.0.1:3000/app"] } }"#,
            faults: [
                #"g.yaml:3:31 upstreams.app.servers[0]: "https://127.0.0.1:3000/app" has a path, a query "#
                    + #"or a fragment; allowed: http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH; did you mean "#
                    + #""https://127.0.0.1:3000"?"#
            ]),
        FaultRow(
            "a server of another scheme is refused",
            upstreams: #"upstreams: { app: { servers: ["ftp://127.0.0.1"] } }"#,
            faults: [
                #"g.yaml:3:31 upstreams.app.servers[0]: "ftp://127.0.0.1" is neither http nor https; allowed: "#
                    + #"http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH"#
            ]),
        FaultRow(
            "keys of TLS where no server speaks it are refused",
            upstreams: #"upstreams: { app: { servers: ["http://a"], ca_file: c.pem, server_name: b } }"#,
            faults: [
                "g.yaml:3:53 upstreams.app.ca_file: no server of this upstream is https, so that nothing uses ca_file; "
                    + "allowed: ca_file beside https servers; write https://… in servers, or take the key out",
                "g.yaml:3:73 upstreams.app.server_name: no server of this upstream is https, so that nothing uses "
                    + "server_name; allowed: server_name beside https servers; write https://… in servers, or take the "
                    + "key out",
            ]),
        FaultRow(
            "authorities that are a key are refused",
            upstreams: #"upstreams: { app: { servers: ["https://a"], ca_file: k.key } }"#,
            faults: [
                "g.yaml:3:54 upstreams.app.ca_file: k.key holds no certificate; allowed: certificates in PEM (RFC "
                    + "7468); it holds a key, which belongs to client_certificate, if anywhere"
            ]),
        FaultRow(
            "authorities that are not there are refused, and a client certificate whose files are swapped",
            upstreams: #"upstreams: { app: { servers: ["https://a"], ca_file: ca.pem, client_certificate: { "#
                + #"chain_file: k.key, key_file: c.pem } } }"#,
            faults: [
                "g.yaml:3:54 upstreams.app.ca_file: ca.pem: no such file; create it, or mend the path",
                "g.yaml:3:96 upstreams.app.client_certificate.chain_file: k.key holds no certificate; allowed: "
                    + "certificates in PEM (RFC 7468); it holds a key: are chain_file and key_file swapped?",
                "g.yaml:3:113 upstreams.app.client_certificate.key_file: c.pem can be read or written by everybody; "
                    + "allowed: mode 0600, or 0640; chmod 600 c.pem, and make a new key if others had the chance",
                "g.yaml:3:113 upstreams.app.client_certificate.key_file: c.pem holds no private key; allowed: one "
                    + "private key in PEM (RFC 7468); it holds a certificate: are chain_file and key_file swapped?",
            ]),
        FaultRow(
            "a health check of no path is refused",
            upstreams: #"upstreams: { a: { servers: ["http://a"], health_check: { path: healthz } }, "#
                + #"b: { servers: ["http://b"], health_check: { path: "/a b" } } }"#,
            faults: [
                #"g.yaml:3:64 upstreams.a.health_check.path: "healthz" does not begin with /; allowed: / and up to 1000 "#
                    + #"visible ASCII characters"#,
                #"g.yaml:3:127 upstreams.b.health_check.path: "/a b" holds a space, a # or what is not visible ASCII; "#
                    + #"allowed: / and up to 1000 visible ASCII characters"#,
            ]),
        FaultRow(
            "a way of choosing servers that does not exist is refused",
            upstreams:
                #"upstreams: { app: { servers: ["http://a"], balance: least_conn, limits: { connections: 0 } } }"#,
            faults: [
                #"g.yaml:3:53 upstreams.app.balance: "least_conn" is not a way of choosing servers; allowed: "#
                    + #"least_requests, round_robin, client_address"#,
                #"g.yaml:3:88 upstreams.app.limits.connections: 0 is out of bounds; allowed: 1 to 1000000"#,
            ]),
        FaultRow(
            "a server given twice is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1", "http://a:1"] } }"#,
            faults: [
                #"g.yaml:3:45 upstreams.app.servers[1]: the same as upstreams.app.servers[0]; each entry "#
                    + #"once; delete one"#
            ]),
        FaultRow(
            "an upstream without servers is refused",
            upstreams: #"upstreams: { app: { servers: [] } }"#,
            faults: [
                #"g.yaml:3:30 upstreams.app.servers: the list is empty; allowed: 1 to 100 entries"#
            ]),
        FaultRow(
            "an upstream's name with capitals is refused",
            upstreams: #"upstreams: { App: { servers: ["http://a:1"] } }"#,
            faults: [
                #"g.yaml:3:14 upstreams.App: "App" is not an upstream's name; allowed: 1 to 63 of a-z, "#
                    + #"0-9, _ and -"#
            ]),
        FaultRow(
            "a shared host with a port is refused",
            adding: #"shared_hosts: ["www.example.org:8443"]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "www.example.org:8443" has a port; allowed: a host name or "#
                    + #"an address, without scheme and port; did you mean "www.example.org"?"#
            ]),
        FaultRow(
            "a shared host with a scheme is refused",
            adding: #"shared_hosts: ["https://www.example.org/x"]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "https://www.example.org/x" is a URL; allowed: a host name "#
                    + #"or an address, without scheme and port; did you mean "www.example.org"?"#
            ]),
        FaultRow(
            "a shared host that ends in a dot is refused",
            adding: #"shared_hosts: [www.example.org.]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "www.example.org." ends in a dot; allowed: a host name or "#
                    + #"an address, without scheme and port; did you mean "www.example.org"?"#
            ]),
        FaultRow(
            "a shared host with an empty label is refused",
            adding: #"shared_hosts: [www..example.org]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "www..example.org" is not a host; allowed: labels of 1 to "#
                    + #"63 letters, digits, - and _ with dots between them, 253 bytes in all"#
            ]),
        FaultRow(
            "a shared host that is nearly an address is refused",
            adding: #"shared_hosts: [127.0.0.1.1]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "127.0.0.1.1" is neither a host name nor an IPv4 address; "#
                    + #"allowed: a host name or an address, without scheme and port"#
            ]),
        FaultRow(
            "a shared host with an asterisk is refused",
            adding: #"shared_hosts: ["*.example.org"]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "*.example.org" is not a host; allowed: labels of 1 to 63 "#
                    + #"letters, digits, - and _ with dots between them, 253 bytes in all"#
            ]),
        FaultRow(
            "the public host is not shared again",
            adding: #"shared_hosts: [APP.example.org]"#,
            faults: [
                #"g.yaml:4:16 shared_hosts[0]: "app.example.org" is public_url's host already "#
                    + #"(g.yaml:1:13); a host belongs to one tenant, or is shared; keep it in one place"#
            ]),
        FaultRow(
            "portal_host is a host of its own, not public_url's",
            adding: #"portal_host: App.example.org"#,
            faults: [
                #"g.yaml:4:14 portal_host: "app.example.org" is public_url's host already "#
                    + #"(g.yaml:1:13); a host belongs to one tenant, or is shared; keep it in one place"#
            ]),
        FaultRow(
            "portal_host is no shared host",
            adding: "shared_hosts: [id.example.org]\nportal_host: id.example.org",
            faults: [
                #"g.yaml:5:14 portal_host: "id.example.org" is a shared host already "#
                    + #"(g.yaml:4:16); a host belongs to one tenant, or is shared; keep it in one place"#
            ]),
        FaultRow(
            "portal_host has no scheme",
            adding: #"portal_host: "https://id.example.org/""#,
            faults: [
                #"g.yaml:4:14 portal_host: "https://id.example.org/" is a URL; allowed: a host name, "#
                    + #"without scheme and port, or "" for none; did you mean "id.example.org"?"#
            ]),
        FaultRow(
            "portal_host has no port",
            adding: #"portal_host: "id.example.org:8443""#,
            faults: [
                #"g.yaml:4:14 portal_host: "id.example.org:8443" has a port; allowed: a host name, "#
                    + #"without scheme and port, or "" for none; did you mean "id.example.org"?"#
            ]),
        FaultRow(
            "portal_host is no address, which no certificate of an authority covers",
            adding: #"portal_host: 192.0.2.7"#,
            faults: [
                #"g.yaml:4:14 portal_host: "192.0.2.7" is an address; allowed: a host name, "#
                    + #"without scheme and port, or "" for none"#
            ]),
    ]
}
