extension FaultRow {
    /// Environment variables in values.
    static let variableFaults: [FaultRow] = [
        FaultRow(
            "an unset variable is named",
            publicURL: #"public_url: "${PUBLIC_URL}""#,
            faults: [
                #"g.yaml:1:13 public_url: the environment variable PUBLIC_URL is not set; set it, or give "#
                    + #"a default: ${PUBLIC_URL:-…}"#
            ]),
        FaultRow(
            "a variable without its brace is refused",
            publicURL: #"public_url: "${PUBLIC_URL""#,
            faults: [
                #"g.yaml:1:13 public_url: ${ without a closing }; allowed: ${NAME} or ${NAME:-default}; "#
                    + #"close it, or write $${ for a literal ${"#
            ]),
        FaultRow(
            "a variable with a bad name is refused",
            publicURL: #"public_url: "${1ST}""#,
            faults: [
                #"g.yaml:1:13 public_url: "1ST" is not the name of a variable; allowed: letters, digits "#
                    + #"and _, no digit first; write $${ for a literal ${"#
            ]),
        FaultRow(
            "a value from a variable is judged as if it stood there",
            publicURL: #"public_url: "${WRONG_URL}""#,
            faults: [
                #"g.yaml:1:13 public_url: "http://wrong" is not https; allowed: https://HOST or "#
                    + #"https://HOST:PORT; did you mean "https://wrong"?"#
            ]),
        FaultRow(
            "a default of a variable is judged as if it stood there",
            adding: #"limits: { headers: "${HEADERS:-many}" }"#,
            faults: [
                #"g.yaml:4:20 limits.headers: "many" is not a whole number in digits; allowed: 1 to 1000"#
            ]),
    ]
}
