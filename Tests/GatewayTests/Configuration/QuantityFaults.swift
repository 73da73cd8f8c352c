extension FaultRow {
    /// Durations, sizes, rates, numbers and words.
    static let quantityFaults: [FaultRow] = [
        FaultRow(
            "a drain that outlasts an hour is refused, and so is a delay beyond five minutes",
            adding: #"drain: { delay: 6m, timeout: 2h }"#,
            faults: [
                #"g.yaml:4:17 drain.delay: "6m" is out of bounds; allowed: 0s to 5m, a number and ms, s, m, h or d"#,
                #"g.yaml:4:30 drain.timeout: "2h" is out of bounds; allowed: 0s to 1h, a number and ms, s, m, h or d"#,
            ]),
        FaultRow(
            "a duration without unit is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 2 } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "2" is not a duration; allowed: 10ms to 5m, "#
                    + #"a number and ms, s, m, h or d; did you mean 2s?"#
            ]),
        FaultRow(
            "a duration in a wrong unit is refused with the right one",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 2sec } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "2sec" is not a duration; allowed: 10ms to "#
                    + #"5m, a number and ms, s, m, h or d; did you mean 2s?"#
            ]),
        FaultRow(
            "a duration in weeks is refused with its days",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 1w } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "1w" is not a duration; allowed: 10ms to "#
                    + #"5m, a number and ms, s, m, h or d; did you mean 7d?"#
            ]),
        FaultRow(
            "a duration of two units is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 1m30s } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "1m30s" is not a duration; allowed: 10ms to "#
                    + #"5m, a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a duration with a fraction is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 1.5s } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "1.5s" is not a duration; allowed: 10ms to "#
                    + #"5m, a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a negative duration is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: -2s } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "-2s" is not a duration; allowed: 10ms to "#
                    + #"5m, a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a duration of zero is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 0s } } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "0s" is out of bounds; allowed: 10ms to 5m, "#
                    + #"a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a duration that overflows is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], timeouts: { connect: 9999999999999999999d "#
                + #"} } }"#,
            faults: [
                #"g.yaml:3:67 upstreams.app.timeouts.connect: "9999999999999999999d" is out of bounds; "#
                    + #"allowed: 10ms to 5m, a number and ms, s, m, h or d"#
            ]),
        FaultRow(
            "a size in decimal units is refused with the binary one",
            adding: #"limits: { body: 10MB }"#,
            faults: [
                #"g.yaml:4:17 limits.body: "10MB" is not a size; allowed: 0B to 1TiB, a number and B, "#
                    + #"KiB, MiB, GiB or TiB; bytes without one; did you mean 10MiB?"#
            ]),
        FaultRow(
            "a size in words is refused",
            adding: #"limits: { body: unlimited }"#,
            faults: [
                #"g.yaml:4:17 limits.body: "unlimited" is not a size; allowed: 0B to 1TiB, a number and "#
                    + #"B, KiB, MiB, GiB or TiB; bytes without one"#
            ]),
        FaultRow(
            "a size out of bounds is refused",
            adding: #"limits: { header_bytes: 2MiB }"#,
            faults: [
                #"g.yaml:4:25 limits.header_bytes: "2MiB" is out of bounds; allowed: 1KiB to 1MiB, a "#
                    + #"number and B, KiB, MiB, GiB or TiB; bytes without one"#
            ]),
        FaultRow(
            "a rate without its time is refused",
            adding: #"limits: { body_minimum_rate: 240 }"#,
            faults: [
                #"g.yaml:4:30 limits.body_minimum_rate: "240" is not a rate; allowed: 1B/s to 1GiB/s, a "#
                    + #"number and B/s, KiB/s or MiB/s; did you mean 240B/s?"#
            ]),
        FaultRow(
            "a rate without its unit is refused",
            adding: #"limits: { body_minimum_rate: 240/s }"#,
            faults: [
                #"g.yaml:4:30 limits.body_minimum_rate: "240/s" is not a rate; allowed: 1B/s to 1GiB/s, a "#
                    + #"number and B/s, KiB/s or MiB/s; did you mean 240B/s?"#
            ]),
        FaultRow(
            "a rate of zero is refused",
            adding: #"limits: { body_minimum_rate: 0B/s }"#,
            faults: [
                #"g.yaml:4:30 limits.body_minimum_rate: "0B/s" is out of bounds; allowed: 1B/s to 1GiB/s, "#
                    + #"a number and B/s, KiB/s or MiB/s"#
            ]),
        FaultRow(
            "a number in hexadecimal is refused",
            adding: #"limits: { headers: 0x10 }"#,
            faults: [
                #"g.yaml:4:20 limits.headers: "0x10" is not a whole number in digits; allowed: 1 to 1000"#
            ]),
        FaultRow(
            "a number with an exponent is refused",
            adding: #"limits: { connections: 1e4 }"#,
            faults: [
                #"g.yaml:4:24 limits.connections: "1e4" is not a whole number in digits; allowed: 1 to "#
                    + #"1000000"#
            ]),
        FaultRow(
            "a number out of bounds is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], retries: 11 } }"#,
            faults: [
                #"g.yaml:3:55 upstreams.app.retries: 11 is out of bounds; allowed: 0 to 10"#
            ]),
        FaultRow(
            "a number too long for any machine is refused",
            adding: #"limits: { headers: 99999999999999999999 }"#,
            faults: [
                #"g.yaml:4:20 limits.headers: "99999999999999999999" is not a whole number in digits; "#
                    + #"allowed: 1 to 1000"#
            ]),
        FaultRow(
            "yes is no truth value",
            adding: #"roles: [{ name: user, default: yes }]"#,
            faults: [
                #"g.yaml:4:32 roles[0].default: "yes" is not a truth value; allowed: true, false; did you "#
                    + #"mean true?"#
            ]),
        FaultRow(
            "off is no truth value",
            adding: #"roles: [{ name: user, default: off }]"#,
            faults: [
                #"g.yaml:4:32 roles[0].default: "off" is not a truth value; allowed: true, false; did you "#
                    + #"mean false?"#
            ]),
        FaultRow(
            "an unknown word is refused with the nearest",
            adding: #"telemetry: { log: { level: inof } }"#,
            faults: [
                #"g.yaml:4:28 telemetry.log.level: "inof" is not a log level; allowed: error, warning, "#
                    + #"info, debug; did you mean "info"?"#
            ]),
        FaultRow(
            "a TLS version older than 1.2 is refused",
            listeners: #"listeners: [{ address: "127.0.0.1:8443", tls: { minimum_version: "1.1", certificates: "#
                + #"[{ chain_file: c.pem, key_file: k.key }] } }]"#,
            faults: [
                #"g.yaml:2:66 listeners[0].tls.minimum_version: "1.1" is not a TLS version that may be "#
                    + #"spoken; allowed: 1.2, 1.3; did you mean "1.2"?"#
            ]),
    ]
}
