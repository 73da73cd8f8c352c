extension FaultRow {
    /// `login`, `identity_headers` and an upstream's audience.
    static let loginFaults: [FaultRow] = [
        FaultRow(
            "a misspelt key of login is refused with the key that was meant",
            adding: #"login: { throtle: {} }"#,
            faults: [
                #"g.yaml:4:10 login.throtle: unknown key; allowed here: home_realm, password, throttle, session, "#
                    + #"after_logout, prompt_for_passkey; did you mean "throttle"?"#
            ]),
        FaultRow(
            "a misspelt key of a session is refused with those that there are",
            adding: #"login: { session: { remembers: 1d } }"#,
            faults: [
                #"g.yaml:4:21 login.session.remembers: unknown key; allowed here: idle, absolute, per_user_limit, "#
                    + #"remember, outage_grace; did you mean "remember"?"#
            ]),
        FaultRow(
            "whoever asks to stay signed in is not signed out before the others",
            adding: #"login: { session: { remember: 1h } }"#,
            faults: [
                #"g.yaml:4:31 login.session.remember: 1h is shorter than absolute (12h, g.yaml:4:19); allowed: 0s, "#
                    + #"or at least absolute; raise remember, or write 0s"#
            ]),
        FaultRow(
            "an unknown home realm is refused with the words that there are",
            adding: #"login: { home_realm: hosts }"#,
            faults: [
                #"g.yaml:4:22 login.home_realm: "hosts" is not what tells the tenant; allowed: host, domain; did "#
                    + #"you mean "host"?"#
            ]),
        FaultRow(
            "a bucket that holds nothing is refused",
            adding: #"login: { throttle: { per_address: { failures: 0 }, per_account_and_address: { per: 500ms } } }"#,
            faults: [
                #"g.yaml:4:47 login.throttle.per_address.failures: 0 is out of bounds; allowed: 1 to 1000000"#,
                #"g.yaml:4:84 login.throttle.per_account_and_address.per: "500ms" is out of bounds; allowed: 1s to "#
                    + #"30d, a number and ms, s, m, h or d"#,
            ]),
        FaultRow(
            "a prefix that is wider than a site or longer than an address is refused",
            adding: #"login: { throttle: { per_address: { ipv6_prefix: 32 } } }"#,
            faults: [
                #"g.yaml:4:50 login.throttle.per_address.ipv6_prefix: 32 is out of bounds; allowed: 48 to 128"#
            ]),
        FaultRow(
            "a network that is not counted is a network",
            adding: #"login: { throttle: { per_address: { allow: [office] } } }"#,
            faults: [
                #"g.yaml:4:45 login.throttle.per_address.allow[0]: "office" is not an address or a network; "#
                    + #"allowed: an address or a CIDR such as 10.0.0.0/8 or 2001:db8::/32"#
            ]),
        FaultRow(
            "an idle limit beyond the absolute one is refused at idle",
            adding: #"login: { session: { idle: 13h } }"#,
            faults: [
                #"g.yaml:4:27 login.session.idle: 13h is longer than absolute (12h, g.yaml:4:19); allowed: at most "#
                    + #"absolute; shorten idle, or raise absolute"#
            ]),
        FaultRow(
            "an absolute limit below the idle default is refused at absolute",
            adding: #"login: { session: { absolute: 10m } }"#,
            faults: [
                #"g.yaml:4:31 login.session.absolute: 10m is shorter than idle (30m unless given); allowed: at "#
                    + #"least idle; write idle too, or raise absolute"#
            ]),
        FaultRow(
            "a limit of sessions out of bounds is refused, and so is a grace of more than a day",
            adding: #"login: { session: { per_user_limit: 10001, outage_grace: 25h } }"#,
            faults: [
                #"g.yaml:4:37 login.session.per_user_limit: 10001 is out of bounds; allowed: 0 to 10000"#,
                #"g.yaml:4:58 login.session.outage_grace: "25h" is out of bounds; allowed: 0s to 1d, a number and "#
                    + #"ms, s, m, h or d"#,
            ]),
        FaultRow(
            "an assertion is sent or not, and nothing between",
            adding: #"identity_headers: { assertion: on }"#,
            faults: [
                #"g.yaml:4:32 identity_headers.assertion: "on" is not a truth value; allowed: true, false; did you "#
                    + #"mean true?"#
            ]),
        FaultRow(
            "an audience with a space is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], audience: my app } }"#,
            faults: [
                #"g.yaml:3:56 upstreams.app.audience: "my app" holds a space or what is not visible ASCII; allowed: "#
                    + #"1 to 200 visible ASCII characters"#
            ]),
        FaultRow(
            "an empty audience is refused",
            upstreams: #"upstreams: { app: { servers: ["http://a:1"], audience: "" } }"#,
            faults: [
                #"g.yaml:3:56 upstreams.app.audience: the text is empty; allowed: 1 to 200 visible ASCII characters"#
            ]),
        FaultRow(
            "a password policy that is none is refused at each value",
            adding: #"login: { password: { minimum_length: 7, require: [lower, lower, uper], history: 25 } }"#,
            faults: [
                #"g.yaml:4:38 login.password.minimum_length: 7 is out of bounds; allowed: 8 to 128"#,
                #"g.yaml:4:58 login.password.require[1]: the same as login.password.require[0]; each entry once; "#
                    + #"delete one"#,
                #"g.yaml:4:65 login.password.require[2]: "uper" is not a kind of character; allowed: lower, upper, "#
                    + #"digit, special; did you mean "upper"?"#,
                #"g.yaml:4:81 login.password.history: 25 is out of bounds; allowed: 0 to 24"#,
            ]),
        FaultRow(
            "a switch of the policy that is no truth value is refused",
            adding: #"login: { password: { forbid_common: maybe, forbid_personal_data: yes, forbid_repeats: 1 } }"#,
            faults: [
                #"g.yaml:4:37 login.password.forbid_common: "maybe" is not a truth value; allowed: true, false"#,
                #"g.yaml:4:66 login.password.forbid_personal_data: "yes" is not a truth value; allowed: true, false; "#
                    + #"did you mean true?"#,
                #"g.yaml:4:87 login.password.forbid_repeats: "1" is not a truth value; allowed: true, false; did you "#
                    + #"mean true?"#,
            ]),
        FaultRow(
            "files of the policy that are not there are told, and a service without TLS",
            adding: #"login: { password: { blocklist_file: no.txt, "#
                + #"breach_check: { url: "http://a.example/", ca_file: no.pem, timeout: 1m } } }"#,
            faults: [
                #"g.yaml:4:38 login.password.blocklist_file: no.txt: no such file; create it, or mend the path"#,
                #"g.yaml:4:67 login.password.breach_check.url: "http://a.example/" is not https; allowed: "#
                    + #"https://HOST/PATH/; did you mean "https://a.example/"?"#,
                #"g.yaml:4:97 login.password.breach_check.ca_file: no.pem: no such file; create it, or mend the path"#,
                #"g.yaml:4:114 login.password.breach_check.timeout: "1m" is out of bounds; allowed: 100ms to 10s, a "#
                    + #"number and ms, s, m, h or d"#,
            ]),
        FaultRow(
            "buckets for links and their mails that hold nothing are refused",
            adding: #"login: { throttle: { invitation: { failures: 0 }, reset: { requests_per_account: 0 } } }"#,
            faults: [
                #"g.yaml:4:46 login.throttle.invitation.failures: 0 is out of bounds; allowed: 1 to 1000000"#,
                #"g.yaml:4:82 login.throttle.reset.requests_per_account: 0 is out of bounds; allowed: 1 to 1000000"#,
            ]),
        FaultRow(
            "a bucket from which a code of six digits could be guessed is refused",
            adding: #"login: { throttle: { second_factor: { failures: 51, per: 30s } } }"#,
            faults: [
                #"g.yaml:4:49 login.throttle.second_factor.failures: 51 is out of bounds; allowed: 1 to 50"#,
                #"g.yaml:4:58 login.throttle.second_factor.per: "30s" is out of bounds; allowed: 1m to 30d, a number "#
                    + #"and ms, s, m, h or d"#,
            ]),
        FaultRow(
            "a slowdown that is too long and a mode that is none are refused",
            adding: #"login: { throttle: { per_account: { slowdown: 11s }, mode: log } }"#,
            faults: [
                #"g.yaml:4:47 login.throttle.per_account.slowdown: "11s" is out of bounds; allowed: 0s to 10s, a "#
                    + #"number and ms, s, m, h or d"#,
                #"g.yaml:4:60 login.throttle.mode: "log" is not a mode; allowed: enforce, monitor"#,
            ]),
    ]
}
