extension FaultRow {
    private static let server = #"smtp_url: "smtp://mail.example.org", from: a@example.org"#

    /// `mail`.
    static let mailFaults: [FaultRow] = [
        FaultRow(
            "a mail server and a sender must be named",
            adding: "mail: {}",
            faults: [
                #"g.yaml:4:7 mail.smtp_url: missing; required: The mail server that takes the mails: smtp://HOST:PORT "#
                    + #"(587 unless given) turns to TLS by STARTTLS, smtps://HOST:PORT (465 unless given) begins with it."#,
                #"g.yaml:4:7 mail.from: missing; required: Who the mails are from: NAME <ADDRESS>."#,
            ]),
        FaultRow(
            "a URL of another kind is refused with the one that was meant",
            adding: #"mail: { smtp_url: "https://mail.example.org", from: a@example.org }"#,
            faults: [
                #"g.yaml:4:19 mail.smtp_url: "https://mail.example.org" is neither smtp nor smtps; allowed: "#
                    + #"smtp://HOST:PORT or smtps://HOST:PORT; did you mean "smtp://mail.example.org"?"#
            ]),
        FaultRow(
            "a host alone is refused with the URL that was meant",
            adding: #"mail: { smtp_url: "mail.example.org:25", from: a@example.org }"#,
            faults: [
                #"g.yaml:4:19 mail.smtp_url: "mail.example.org:25" has no scheme; allowed: smtp://HOST:PORT or "#
                    + #"smtps://HOST:PORT; did you mean "smtp://mail.example.org:25"?"#
            ]),
        FaultRow(
            "a user in the URL is refused",
            adding: #"mail: { smtp_url: "smtp://gate:pw@mail.example.org", from: a@example.org }"#,
            faults: [
                #"g.yaml:4:19 mail.smtp_url: "smtp://gate:pw@mail.example.org" names a user; allowed: "#
                    + #"smtp://HOST:PORT or smtps://HOST:PORT; write username and password_file beside smtp_url"#
            ]),
        FaultRow(
            "a sender that is no address is refused",
            adding: #"mail: { smtp_url: "smtp://mail.example.org", from: "Example" }"#,
            faults: [
                #"g.yaml:4:52 mail.from: "Example" is not a sender; allowed: ADDRESS or NAME <ADDRESS>, such as "#
                    + #"Example <no-reply@example.org>"#
            ]),
        FaultRow(
            "STARTTLS beside smtps is refused",
            adding: #"mail: { smtp_url: "smtps://mail.example.org", from: a@example.org, starttls: required }"#,
            faults: [
                #"g.yaml:4:78 mail.starttls: smtps begins with TLS, so that nothing uses starttls; allowed: starttls "#
                    + #"beside smtp://; take the key out, or write smtp:// in smtp_url"#
            ]),
        FaultRow(
            "a password in clear over a network is refused",
            adding: "mail: { \(server), starttls: opportunistic, username: gate, password: secret }",
            faults: [
                #"g.yaml:4:102 mail.username: name and password could be sent in clear to mail.example.org; allowed: "#
                    + #"with smtps://, with starttls: required, or to a server on this machine; write starttls: required"#
            ]),
        FaultRow(
            "a password without a name is refused, and is not shown",
            adding: "mail: { \(server), password: secret }",
            faults: [
                #"g.yaml:4:77 mail.password: there is no username that it could be of; allowed: beside username; "#
                    + #"write username, or take it out"#
            ]),
        FaultRow(
            "a name without a password is refused",
            adding: "mail: { \(server), username: gate }",
            faults: [
                #"g.yaml:4:77 mail.username: there is no password for it; allowed: beside password or password_file; "#
                    + #"write password_file"#
            ]),
        FaultRow(
            "two passwords are refused",
            adding: "mail: { \(server), username: gate, password: secret, password_file: k.key }",
            faults: [
                #"g.yaml:4:116 mail.password_file: password is given too; allowed: password or password_file; take "#
                    + #"password out"#,
                #"g.yaml:4:116 mail.password_file: k.key holds more than one line of text; allowed: the password "#
                    + #"alone, in UTF-8; write it there anew"#,
            ]),
        FaultRow(
            "a secret that is no text is not repeated",
            adding:
                #"mail: { smtp_url: "smtp://mail.example.org", from: a@example.org, username: a, password: "p\tw" }"#,
            faults: [
                #"g.yaml:4:90 mail.password: the secret holds a control character; allowed: up to 1024 bytes of text"#
            ]),
        FaultRow(
            "a file of authorities that holds none is refused",
            adding: "mail: { \(server), ca_file: k.key }",
            faults: [
                #"g.yaml:4:76 mail.ca_file: k.key holds no certificate; allowed: certificates in PEM (RFC 7468); it "#
                    + #"holds a key, which is nobody's authority"#
            ]),
    ]
}
