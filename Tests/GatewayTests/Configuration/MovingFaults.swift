import Testing

@testable import Gateway

extension FaultRow {
    private static func route(_ text: String, path: String = "/", access: String = "authenticated") -> String {
        #"routes: [{ name: r, match: { host: "*", path: \#(path) }, access: \#(access), upstream: app, \#(text) }]"#
    }

    /// `app_session` and `plans`.
    static let movingFaults: [FaultRow] = [
        FaultRow(
            "an application's session has cookies",
            adding: route("app_session: {}"),
            faults: [
                #"g.yaml:4:103 routes[0].app_session.cookies: missing; required: Names of the cookies in which the application keeps its own session; they end when the member's does and when somebody signs in."#
            ]),
        FaultRow(
            "a cookie has a cookie's name, and is none of ours",
            adding: route("app_session: { cookies: [\"a b\", __Host-gatehouse-x] }"),
            faults: [
                #"g.yaml:4:115 routes[0].app_session.cookies[0]: "a b" is not a cookie's name; allowed: 1 to 200 of letters, digits and !#$%&'*+-.^_`|~, such as connect.sid; none of Gatehouse's own"#,
                #"g.yaml:4:122 routes[0].app_session.cookies[1]: "__Host-gatehouse-x" is a cookie of Gatehouse's own; allowed: 1 to 200 of letters, digits and !#$%&'*+-.^_`|~, such as connect.sid; none of Gatehouse's own; delete it: it ends by itself"#,
            ]),
        FaultRow(
            "a logout path is a path",
            adding: route("app_session: { cookies: [s], logout_path: \"logout?now\" }"),
            faults: [
                #"g.yaml:4:132 routes[0].app_session.logout_path: "logout?now" does not begin with /; allowed: / and segments of letters, digits, -, ., _ and ~, such as /logout; did you mean "/logout?now"?"#
            ]),
        FaultRow(
            "a logout path has no query",
            adding: route("app_session: { cookies: [s], logout_path: \"/logout?now\" }"),
            faults: [
                #"g.yaml:4:132 routes[0].app_session.logout_path: "/logout?now" is not a path; allowed: / and segments of letters, digits, -, ., _ and ~, such as /logout"#
            ]),
        FaultRow(
            "a logout path is not one of ours",
            adding: route("app_session: { cookies: [s], logout_path: /.gatehouse/logout }"),
            faults: [
                #"g.yaml:4:132 routes[0].app_session.logout_path: "/.gatehouse/logout" is a path of Gatehouse's own; allowed: / and segments of letters, digits, -, ., _ and ~, such as /logout"#
            ]),
        FaultRow(
            "a logout path is one that the route matches",
            adding: route("app_session: { cookies: [s], logout_path: /logout }", path: "/shop/"),
            faults: [
                #"g.yaml:4:137 routes[0].app_session.logout_path: "/logout" is not below match.path "/shop/" of this route; allowed: a path that the route matches; write it at the route that matches it"#
            ]),
        FaultRow(
            "a public route has no session that a logout path could end",
            adding: route("app_session: { cookies: [s], logout_path: /logout }", access: "public"),
            faults: [
                #"g.yaml:4:125 routes[0].app_session.logout_path: the route is public, and a public request has no session to end; allowed: logout_path with access: optional, authenticated or roles; delete it, or give "/logout" a route of its own"#
            ]),
        FaultRow(
            "a sign-out leads to https URLs alone",
            adding: #"login: { after_logout: [http://www.example.org/, /bye] }"#,
            faults: [
                #"g.yaml:4:25 login.after_logout[0]: "http://www.example.org/" is not https; allowed: https://HOST/PATH/; did you mean "https://www.example.org/"?"#,
                #"g.yaml:4:50 login.after_logout[1]: "/bye" is not https; allowed: https://HOST/PATH/"#,
            ]),
        FaultRow(
            "a way to sign in that is none says which there are",
            adding: #"plans: { gold: { sign_in: [password, saml, pasword] } }"#,
            faults: [
                #"g.yaml:4:44 plans.gold.sign_in[2]: "pasword" is not a way to sign in; allowed: password, passkey, saml; did you mean "password"?"#
            ]),
        FaultRow(
            "a feature that is none says which there are",
            adding: #"plans: { gold: { features: [own_role, sso] } }"#,
            faults: [
                #"g.yaml:4:29 plans.gold.features[0]: "own_role" is not a feature; allowed: own_roles, allowed_networks; did you mean "own_roles"?"#,
                #"g.yaml:4:39 plans.gold.features[1]: "sso" is not a feature; allowed: own_roles, allowed_networks"#,
            ]),
        FaultRow(
            "a plan's name is a name",
            adding: #"plans: { Gold: {} }"#,
            faults: [
                #"g.yaml:4:10 plans.Gold: "Gold" is not a plan's name; allowed: 1 to 63 of a-z, 0-9, _ and -"#
            ]),
    ]
}
