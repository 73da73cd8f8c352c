extension FaultRow {
    /// Addresses to listen on, and networks.
    static let addressFaults: [FaultRow] = [
        FaultRow(
            "an address without a port is refused",
            listeners: #"listeners: [{ address: 127.0.0.1, tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "127.0.0.1" has no port; allowed: ADDRESS:PORT such "#
                    + #"as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and IPv4; port 0 takes a "#
                    + #"free one; did you mean "127.0.0.1:8443"?"#
            ]),
        FaultRow(
            "a port alone is refused with the address that was meant",
            listeners: #"listeners: [{ address: 8443, tls: { certificates: [{ chain_file: c.pem, key_file: k.key "#
                + #"}] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "8443" has no port; allowed: ADDRESS:PORT such as "#
                    + #"127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and IPv4; port 0 takes a "#
                    + #"free one; did you mean ":8443"?"#
            ]),
        FaultRow(
            "a port over 65535 is refused",
            listeners: #"listeners: [{ address: ":65536", tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: ":65536" has no valid port; allowed: ports 0 to 65535"#
            ]),
        FaultRow(
            "a port with a leading zero is refused",
            listeners: #"listeners: [{ address: ":08443", tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: ":08443" has no valid port; allowed: ports 0 to 65535"#
            ]),
        FaultRow(
            "a name is no address to listen on",
            listeners: #"listeners: [{ address: localhost:8443, tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "localhost:8443" begins with no IP address; allowed: "#
                    + #"ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and "#
                    + #"IPv4; port 0 takes a free one; did you mean "127.0.0.1:8443"?"#
            ]),
        FaultRow(
            "an asterisk is no address to listen on",
            listeners: #"listeners: [{ address: "*:8443", tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "*:8443" begins with no IP address; allowed: "#
                    + #"ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and "#
                    + #"IPv4; port 0 takes a free one; did you mean ":8443"?"#
            ]),
        FaultRow(
            "IPv6 without brackets is refused",
            listeners: #"listeners: [{ address: "::1:8443", tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "::1:8443" has an IPv6 address without brackets; "#
                    + #"allowed: ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for "#
                    + #"IPv6 and IPv4; port 0 takes a free one; did you mean "[::1]:8443"?"#
            ]),
        FaultRow(
            "an address with a part over 255 is refused",
            listeners: #"listeners: [{ address: "127.0.0.256:1", tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:24 listeners[0].address: "127.0.0.256:1" begins with no IP address; allowed: "#
                    + #"ADDRESS:PORT such as 127.0.0.1:8443 or [::1]:8443, :8443 and [::]:8443 for IPv6 and "#
                    + #"IPv4; port 0 takes a free one"#
            ]),
        FaultRow(
            "two listeners on one address are refused",
            listeners: #"listeners: [{ address: ":8443", tls: { certificates: [{ chain_file: c.pem, key_file: "#
                + #"k.key }] } }, { address: "127.0.0.1:8443", tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:111 listeners[1].address: "127.0.0.1:8443" is taken by listeners[0].address "#
                    + #"already (g.yaml:2:24); each address and port once; choose another port"#
            ]),
        FaultRow(
            "operations on a listener's address is refused",
            listeners: #"listeners: [{ address: "127.0.0.1:9902", tls: { certificates: [{ chain_file: c.pem, "#
                + #"key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:1:1 operations.address: "127.0.0.1:9902" is taken by listeners[0].address "#
                    + #"already (g.yaml:2:24); each address and port once; choose another port"#
            ]),
        FaultRow(
            "host bits behind a prefix are refused with the mended network",
            adding: #"trusted_proxies: [10.1.2.3/8]"#,
            faults: [
                #"g.yaml:4:19 trusted_proxies[0]: "10.1.2.3/8" has bits set behind its prefix; allowed: "#
                    + #"an address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32; did you mean "10.0.0.0/8", or "#
                    + #"the one address "10.1.2.3"?"#
            ]),
        FaultRow(
            "a prefix over 32 is refused for IPv4",
            adding: #"trusted_proxies: [10.0.0.0/33]"#,
            faults: [
                #"g.yaml:4:19 trusted_proxies[0]: "10.0.0.0/33" has no valid prefix length; allowed: 0 to "#
                    + #"32 behind the /"#
            ]),
        FaultRow(
            "a name is no network",
            adding: #"trusted_proxies: [balancer]"#,
            faults: [
                #"g.yaml:4:19 trusted_proxies[0]: "balancer" is not an address or a network; allowed: an "#
                    + #"address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32"#
            ]),
        FaultRow(
            "a network given twice is refused",
            adding: #"trusted_proxies: [10.0.0.0/8, 192.0.2.1, 10.0.0.0/8]"#,
            faults: [
                #"g.yaml:4:42 trusted_proxies[2]: the same as trusted_proxies[0]; each entry once; delete "#
                    + #"one"#
            ]),
        FaultRow(
            "host bits in IPv6 are refused with the mended network",
            adding: #"trusted_proxies: ["2001:db8::1/32"]"#,
            faults: [
                #"g.yaml:4:19 trusted_proxies[0]: "2001:db8::1/32" has bits set behind its prefix; "#
                    + #"allowed: an address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32; did you mean "#
                    + #""2001:db8::/32", or the one address "2001:db8::1"?"#
            ]),
    ]
}
