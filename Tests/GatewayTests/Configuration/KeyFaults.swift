extension FaultRow {
    /// Keys: which there are, and what kind of value each takes.
    static let keyFaults: [FaultRow] = [
        FaultRow(
            "a misspelt key is refused with the key that was meant",
            adding: #"limts: {}"#,
            faults: [
                #"g.yaml:4:1 limts: unknown key; allowed here: listeners, operations, drain, trusted_proxies, "#
                    + #"public_url, hsts, shared_hosts, portal_host, control_socket, store, encryption, upstreams, "#
                    + #"routes, roles, plans, tenants_directory, login, mail, outbound, identity_headers, telemetry, limits; did you mean "limits"?"#
            ]),
        FaultRow(
            "a key that resembles none is refused with the keys that are allowed",
            adding: #"zzzzzz: 1"#,
            faults: [
                #"g.yaml:4:1 zzzzzz: unknown key; allowed here: listeners, operations, drain, trusted_proxies, "#
                    + #"public_url, hsts, shared_hosts, portal_host, control_socket, store, encryption, upstreams, "#
                    + #"routes, roles, plans, tenants_directory, login, mail, outbound, identity_headers, telemetry, limits"#
            ]),
        FaultRow(
            "a key of a feature that has not come is unknown",
            adding: #"backup: { url: x }"#,
            faults: [
                #"g.yaml:4:1 backup: unknown key; allowed here: listeners, operations, drain, trusted_proxies, "#
                    + #"public_url, hsts, shared_hosts, portal_host, control_socket, store, encryption, upstreams, "#
                    + #"routes, roles, plans, tenants_directory, login, mail, outbound, identity_headers, telemetry, limits"#
            ]),
        FaultRow(
            "http3 is unknown for now",
            listeners: #"listeners: [{ address: ":1", http3: true, tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:30 listeners[0].http3: unknown key; allowed here: address, tls, redirect_to, "#
                    + #"cleartext, proxy_protocol, http2; did you mean "http2"?"#
            ]),
        FaultRow(
            "a missing required key is named",
            publicURL: #"shared_hosts: []"#,
            faults: [
                #"g.yaml:1:1 public_url: missing; required: The URL that members open."#
            ]),
        FaultRow(
            "two missing keys of one mapping are both named",
            listeners: #"listeners: [{}]"#,
            faults: [
                #"g.yaml:2:13 listeners[0].address: missing; required: Where it listens, such as "#
                    + #""[::]:8443"; port 0 takes a free one."#,
                #"g.yaml:2:13 listeners[0]: neither tls nor redirect_to nor cleartext stands here; allowed: one of them; "#
                    + #"write tls with its certificates to serve, redirect_to: https to send everybody there, or "#
                    + #"cleartext: from_trusted_proxies behind a balancer that ends TLS"#,
            ]),
        FaultRow(
            "a listener that serves and redirects is refused",
            listeners: #"listeners: [{ address: ":1", redirect_to: https, tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:13 listeners[0]: tls and redirect_to stand here; allowed: one of them; "#
                    + #"write tls with its certificates to serve, redirect_to: https to send everybody there, or "#
                    + #"cleartext: from_trusted_proxies behind a balancer that ends TLS"#
            ]),
        FaultRow(
            "listeners of which none serves are refused",
            listeners: #"listeners: [{ address: ":1", redirect_to: https }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: no listener has tls, so that nobody is served; "#
                    + #"allowed: redirect_to beside a listener with tls; add one with tls"#
            ]),
        FaultRow(
            "PROXY headers that nobody may send are refused",
            listeners: #"listeners: [{ address: ":1", proxy_protocol: true, tls: { certificates: [{ chain_file: "#
                + #"c.pem, key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: proxy_protocol is on, and trusted_proxies is empty, so that nobody "#
                    + #"may come; allowed: proxy_protocol with trusted_proxies; list the balancers' addresses in "#
                    + #"trusted_proxies"#
            ]),
        FaultRow(
            "clear text that nobody may send is refused",
            listeners: #"listeners: [{ address: ":1", cleartext: from_trusted_proxies }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: cleartext is from trusted proxies, and trusted_proxies is empty, so "#
                    + #"that nobody is served; allowed: cleartext with trusted_proxies; list the balancers' addresses "#
                    + #"in trusted_proxies"#
            ]),
        FaultRow(
            "clear text for everybody is refused",
            listeners: #"listeners: [{ address: ":1", cleartext: true }]"#,
            faults: [
                #"g.yaml:2:41 listeners[0].cleartext: "true" is not whom to serve in clear; allowed: "#
                    + #"from_trusted_proxies"#
            ]),
        FaultRow(
            "an empty list of listeners is refused",
            listeners: #"listeners: []"#,
            faults: [
                #"g.yaml:2:12 listeners: the list is empty; allowed: 1 to 64 entries"#
            ]),
        FaultRow(
            "a mapping where a list belongs is refused",
            listeners: #"listeners: { address: ":1" }"#,
            faults: [
                #"g.yaml:2:12 listeners: a mapping stands here; expected a list"#
            ]),
        FaultRow(
            "a value where a mapping belongs is refused",
            adding: #"limits: none"#,
            faults: [
                #"g.yaml:4:9 limits: "none" stands here; expected a mapping with the keys header_bytes, "#
                    + #"headers, body, connections, connections_per_address, cached_sessions, portal_body, "#
                    + #"handshake_timeout, header_timeout, body_minimum_rate, idle_timeout"#
            ]),
        FaultRow(
            "a key with nothing behind it is refused",
            adding: #"limits:"#,
            faults: [
                #"g.yaml:4:8 limits: nothing stands here; expected a mapping with the keys header_bytes, "#
                    + #"headers, body, connections, connections_per_address, cached_sessions, portal_body, "#
                    + #"handshake_timeout, header_timeout, body_minimum_rate, idle_timeout"#
            ]),
        FaultRow(
            "a null is nothing",
            adding: #"operations: { address: null }"#,
            faults: [
                #"g.yaml:4:24 operations.address: nothing stands here; expected an address to listen on: "#
                    + #"ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and "#
                    + #"IPv4; port 0 takes a free one"#
            ]),
        FaultRow(
            "a list where a text belongs is refused",
            publicURL: #"public_url: [https://app.example.org]"#,
            faults: [
                #"g.yaml:1:13 public_url: a list stands here; expected the public URL: https://HOST or "#
                    + #"https://HOST:PORT"#
            ]),
        FaultRow(
            "an unknown key inside a list names its entry",
            adding: #"roles: [{ name: user }, { name: admin, defualt: true }]"#,
            faults: [
                #"g.yaml:4:40 roles[1].defualt: unknown key; allowed here: name, default, assignable_by; "#
                    + #"did you mean "default"?"#
            ]),
        FaultRow(
            "a merge key is unknown",
            adding: #"limits: { <<: { headers: 1 } }"#,
            faults: [
                #"g.yaml:4:11 limits.<<: unknown key; allowed here: header_bytes, headers, body, "#
                    + #"connections, connections_per_address, cached_sessions, portal_body, handshake_timeout, "#
                    + #"header_timeout, body_minimum_rate, idle_timeout"#
            ]),
        FaultRow(
            "a key with a control character is shown escaped",
            adding: #""a\u001b[31mb": 1"#,
            faults: [
                #"g.yaml:4:1 a\u{1B}[31mb: unknown key; allowed here: listeners, operations, drain, trusted_proxies, "#
                    + #"public_url, hsts, shared_hosts, portal_host, control_socket, store, encryption, upstreams, "#
                    + #"routes, roles, plans, tenants_directory, login, mail, outbound, identity_headers, telemetry, limits"#
            ]),
        FaultRow(
            "several faults come in the order of the file",
            publicURL: #"public_url: http://x"#,
            adding: #"limits: { headers: 0, heders: 1, body: big }"#,
            faults: [
                #"g.yaml:1:13 public_url: "http://x" is not https; allowed: https://HOST or "#
                    + #"https://HOST:PORT; did you mean "https://x"?"#,
                #"g.yaml:4:20 limits.headers: 0 is out of bounds; allowed: 1 to 1000"#,
                #"g.yaml:4:23 limits.heders: unknown key; allowed here: header_bytes, headers, body, "#
                    + #"connections, connections_per_address, cached_sessions, portal_body, handshake_timeout, "#
                    + #"header_timeout, body_minimum_rate, idle_timeout"#,
                #"g.yaml:4:40 limits.body: "big" is not a size; allowed: 0B to 1TiB, a number and B, KiB, "#
                    + #"MiB, GiB or TiB; bytes without one"#,
            ]),
    ]
}
