import Access
import Core
import Login
import Portal
import Proxy
import Store
import Testing

@testable import Gateway

@Suite("Every declared key reaches its settings")
struct KeyArrivalTests {
    @Test("a value that is not the default arrives where it is used", arguments: KeyArrival.all)
    func arrives(_ arrival: KeyArrival) throws {
        #expect(!arrival.holds(try KeyArrival.start.settings()), "the start already has this value")
        let settings = try arrival.folder.settings()
        #expect(arrival.holds(settings))
    }

    @Test("no declared key is missing from the table, and none in it is undeclared")
    func complete() {
        let declared = GatehouseFile.type.shape.declaredPaths() + TenantFile.type.shape.declaredPaths(below: "tenant")
        let leaves = declared.filter { isLeaf($0.declaration.shape) }.map(\.path)
        #expect(Set(leaves) == Set(KeyArrival.all.map(\.path)))
        #expect(leaves.count == Set(leaves).count)
        #expect(leaves.count > 50)
    }

    @Test("what is not given has the default of the settings themselves")
    func defaults() throws {
        let settings = try ConfigurationFolder().settings()
        #expect(settings.proxy.limits == LimitSettings())
        #expect(settings.proxy.trustedProxies == ProxySettings().trustedProxies)
        #expect(
            settings.proxy.upstreams == [
                UpstreamSettings(name: "app", servers: [UpstreamServer(host: "127.0.0.1", port: 3000)])
            ])
        #expect(
            settings.proxy.listeners.map(\.tls) == [
                TLSListenerSettings(certificates: [CertificateSettings(chainFile: "/srv/c.pem", keyFile: "/srv/k.key")])
            ])
        #expect(settings.operations == OperationsSettings())
        #expect(settings.drain == DrainSettings())
        #expect(settings.telemetry == TelemetrySettings())
        #expect(settings.login == LoginSettings())
        #expect(
            settings.store
                == StoreSettings(
                    directory: "/srv/data", masterKeyFile: "/srv/keys/master.key",
                    controlSocket: "/srv/data/control.sock"))
        #expect(settings.proxy.signsAssertions)
        #expect(settings.access == AccessSettings(publicHost: "app.example.org"))
        let start = try KeyArrival.start.settings()
        #expect(start.access.routes == [RouteSettings(name: "r", host: "*")])
        #expect(start.access.tenants == [try TenantSettings(id: #require(TenantID("t")), name: "T")])
    }

    /// True where a value stands, and not only a mapping of further keys.
    private func isLeaf(_ shape: SchemaShape) -> Bool {
        switch shape {
        case .scalar, .either: true
        case .list(let element, _), .entries(let element, _, _): isLeaf(element)
        case .mapping: false
        }
    }
}

/// One key with a value that is not its default, and how to see that it arrived.
struct KeyArrival: Sendable, CustomTestStringConvertible {
    let path: String
    let folder: ConfigurationFolder
    let holds: @Sendable (GatewaySettings) -> Bool

    var testDescription: String { path }

    private static let route = #"routes: [{ name: r, match: { host: "*" }, upstream: app }]"#
    private static let tenant = "id: t\nname: T\n"

    /// The configuration that every row changes in one place.
    static let start = folder()

    private static func folder(
        publicURL: String = "public_url: https://app.example.org", listeners: String? = nil, upstreams: String? = nil,
        routes: String = route, adding extra: String? = nil, tenant: String = tenant
    ) -> ConfigurationFolder {
        let row = FaultRow(
            "", publicURL: publicURL, listeners: listeners, upstreams: upstreams,
            adding: [routes, extra].compactMap { $0 }.joined(separator: "\n"), faults: [])
        var folder = row.folder
        folder.write("tenants/t.yaml", tenant)
        folder.write("other/u.yaml", "id: u\nname: U\n")
        folder.write("secret", "0123456789abcdef0123456789abcdef\n")
        folder.write("tls/other.pem", ConfigurationFolder.chain)
        folder.write("tls/other.key", ConfigurationFolder.key)
        // What it is is told by its first bytes.
        folder.write("logo.png", "RIFF0000WEBP")
        return folder
    }

    static func top(
        _ path: String, _ text: String, _ holds: @escaping @Sendable (GatewaySettings) -> Bool
    ) -> KeyArrival {
        KeyArrival(path: path, folder: folder(adding: text), holds: holds)
    }

    private static func tls(
        _ path: String, address: String = "127.0.0.1:8443", version: String = "1.2", chain: String = "c.pem",
        key: String = "k.key", more: String = "", further: String = "", adding extra: String? = nil,
        _ holds: @escaping @Sendable (ListenerSettings) -> Bool
    ) -> KeyArrival {
        let text =
            "listeners: [{ address: \"\(address)\", tls: { minimum_version: \(version), "
            + "certificates: [{ chain_file: \(chain), key_file: \(key) }] }\(more) }\(further)]"
        return KeyArrival(path: "listeners[].\(path)", folder: folder(listeners: text, adding: extra)) {
            $0.proxy.listeners.contains(where: holds)
        }
    }

    private static func upstream(
        _ path: String, _ text: String, _ holds: @escaping @Sendable (UpstreamSettings) -> Bool
    ) -> KeyArrival {
        let text = text.hasPrefix("servers") ? text : "servers: [\"http://127.0.0.1:3000\"], \(text)"
        return KeyArrival(path: "upstreams.*.\(path)", folder: folder(upstreams: "upstreams: { app: { \(text) } }")) {
            $0.proxy.upstreams.contains(where: holds)
        }
    }

    private static func check(
        _ text: String, _ key: String, _ holds: @escaping @Sendable (HealthCheckSettings) -> Bool
    ) -> KeyArrival {
        upstream("health_check.\(key)", "health_check: { \(text) }") { $0.healthCheck.map(holds) ?? false }
    }

    static func route(
        _ path: String, name: String = "r", match: String = "host: \"*\"", _ text: String = "",
        upstreams: String? = nil, upstream: String = "app", _ holds: @escaping @Sendable (RouteSettings) -> Bool
    ) -> KeyArrival {
        let text =
            "routes: [{ name: \(name), match: { \(match) }, upstream: \(upstream)\(text.isEmpty ? "" : ", ")\(text) }]"
        return KeyArrival(path: "routes[].\(path)", folder: folder(upstreams: upstreams, routes: text)) {
            $0.access.routes.contains(where: holds)
        }
    }

    private static func tenant(
        _ path: String, _ text: String, _ holds: @escaping @Sendable (TenantSettings) -> Bool
    ) -> KeyArrival {
        KeyArrival(path: "tenant.\(path)", folder: folder(tenant: text)) { $0.access.tenants.contains(where: holds) }
    }

    /// A key that the store's tenant alone has.
    static func claim(
        _ path: String, _ text: String, _ holds: @escaping @Sendable (Tenant) -> Bool
    ) -> KeyArrival {
        KeyArrival(path: "tenant.\(path)", folder: folder(tenant: tenant + text)) {
            $0.tenantFiles.map(\.newTenant).contains(where: holds)
        }
    }

    private static func requirements(_ route: RouteSettings) -> AccessRule.Requirements? {
        if case .restricted(let requirements) = route.access { requirements } else { nil }
    }

    static let all: [KeyArrival] =
        topRows + listenerRows + upstreamRows + routeRows + frontRows + movingRows + loginRows + mailRows + limitRows
        + tenantRows + factorRows + connectionRows

    private static let topRows: [KeyArrival] = [
        top("operations.address", "operations: { address: \"[::1]:9903\" }") {
            $0.operations.address.description == "[::1]:9903"
        },
        top("drain.delay", "drain: { delay: 15s }") { $0.drain.delay == .seconds(15) },
        top("drain.timeout", "drain: { timeout: 2m }") { $0.drain.timeout == .minutes(2) },
        top("trusted_proxies", "trusted_proxies: [10.0.0.0/8]") {
            $0.proxy.trustedProxies == [AddressRange("10.0.0.0/8")].compactMap { $0 }
        },
        KeyArrival(path: "public_url", folder: folder(publicURL: "public_url: https://WWW.example.org:8443/")) {
            $0.access.publicHost == "www.example.org" && $0.access.publicPort == 8443
        },
        top("shared_hosts", "shared_hosts: [Shared.example.org]") { $0.access.sharedHosts == ["shared.example.org"] },
        top("portal_host", "portal_host: ID.example.org") { $0.access.portalHost == "id.example.org" },
        top("control_socket", "control_socket: tls/gh.sock") { $0.store.controlSocket == "/srv/tls/gh.sock" },
        top("store.sqlite.directory", "store: { sqlite: { directory: ./tls } }") { $0.store.directory == "/srv/tls" },
        top("encryption.master_key_file", "encryption: { master_key_file: /etc/master.key }") {
            $0.store.masterKeyFile == "/etc/master.key"
        },
        top("roles[].name", "roles: [{ name: editor }]") { $0.access.roles.map(\.name.text) == ["editor"] },
        top("roles[].default", "roles: [{ name: editor, default: true }]") {
            $0.access.roles.contains { $0.name.text == "editor" && $0.isDefault }
        },
        top("roles[].assignable_by", "roles: [{ name: admin, assignable_by: operator }]") {
            $0.access.roles.contains { $0.assignableBy == .operator }
        },
        top("tenants_directory", "tenants_directory: other") { $0.access.tenants.map(\.id.text) == ["u"] },
        top("identity_headers.assertion", "identity_headers: { assertion: false }") { !$0.proxy.signsAssertions },
        top("identity_headers.encoding", "identity_headers: { encoding: raw }") { $0.access.identityEncoding == .raw },
        top("telemetry.log.level", "telemetry: { log: { level: debug } }") { $0.telemetry.log.level == .debug },
        top("telemetry.log.format", "telemetry: { log: { format: text } }") { $0.telemetry.log.format == .text },
        top("telemetry.log.file", "telemetry: { log: { file: logs/a.log } }") {
            $0.telemetry.log.file == "/srv/logs/a.log"
        },
    ]

    private static let listenerRows: [KeyArrival] = [
        tls("address", address: ":0") { $0.address.isDualStack && $0.address.port == 0 },
        tls("tls.minimum_version", version: "1.3") { $0.tls?.minimumVersion == .tls13 },
        tls("tls.certificates[].chain_file", chain: "tls/other.pem") {
            $0.tls?.certificates.map(\.chainFile) == ["/srv/tls/other.pem"]
        },
        tls("tls.certificates[].key_file", key: "./tls/other.key") {
            $0.tls?.certificates.map(\.keyFile) == ["/srv/tls/other.key"]
        },
        tls("redirect_to", further: #", { address: ":8080", redirect_to: https }"#) {
            $0.tls == nil && $0.address.port == 8080
        },
        tls(
            "cleartext", further: #", { address: ":8081", cleartext: from_trusted_proxies }"#,
            adding: "trusted_proxies: [192.0.2.1/32]"
        ) { $0.servesInClear && $0.tls == nil && $0.address.port == 8081 },
        tls("proxy_protocol", more: ", proxy_protocol: true", adding: "trusted_proxies: [192.0.2.1/32]") {
            $0.takesProxyHeader
        },
        tls("http2", more: ", http2: false") { !$0.offersHTTP2 },
    ]

    private static let upstreamRows: [KeyArrival] = [
        upstream("servers", "servers: [\"http://App_1\", \"http://[::1]:81/\"]") {
            $0.servers == [UpstreamServer(host: "app_1", port: 80), UpstreamServer(host: "::1", port: 81)]
        },
        upstream("servers", "servers: [\"https://a\", \"unix:/run/a.sock\"]") {
            $0.servers == [UpstreamServer(.https, host: "a", port: 443), UpstreamServer(path: "/run/a.sock")]
        },
        upstream("ca_file", "servers: [\"https://a\"], ca_file: tls/other.pem") {
            $0.tls.authorityFile == "/srv/tls/other.pem"
        },
        upstream("server_name", "servers: [\"https://a\"], server_name: \"[::1]\"") { $0.tls.serverName == "::1" },
        upstream(
            "client_certificate.chain_file",
            "servers: [\"https://a\"], client_certificate: { chain_file: tls/other.pem, key_file: k.key }"
        ) { $0.tls.clientCertificate?.chainFile == "/srv/tls/other.pem" },
        upstream(
            "client_certificate.key_file",
            "servers: [\"https://a\"], client_certificate: { chain_file: c.pem, key_file: tls/other.key }"
        ) { $0.tls.clientCertificate?.keyFile == "/srv/tls/other.key" },
        upstream("balance", "balance: client_address") { $0.balance == .clientAddress },
        check("path: /ready?deep=1", "path") { $0.path == "/ready?deep=1" },
        check("path: /, host: App.internal", "host") { $0.host == "app.internal" },
        check("path: /, interval: 1m", "interval") { $0.interval == .minutes(1) },
        check("path: /, timeout: 500ms", "timeout") { $0.timeout == Milliseconds(500) },
        check("path: /, healthy_after: 5", "healthy_after") { $0.healthyAfter == 5 },
        check("path: /, unhealthy_after: 7", "unhealthy_after") { $0.unhealthyAfter == 7 },
        check("path: /, expected_status: [204, 302]", "expected_status") { $0.expectedStatus == [204, 302] },
        upstream("limits.connections", "limits: { connections: 64 }") { $0.limits.connections == 64 },
        upstream("limits.pending", "limits: { pending: 0 }") { $0.limits.pending == 0 },
        upstream("servers", "servers: [\"h2c://a:50051\"]") {
            $0.servers == [UpstreamServer(.h2c, host: "a", port: 50_051)] && $0.speaksHTTP2
        },
        upstream("http2", "servers: [\"https://a\"], http2: true") { $0.speaksHTTP2 },
        upstream("audience", "audience: https://api.example/") { $0.audience == "https://api.example/" },
        upstream("shared_secret_file", "shared_secret_file: secret") {
            $0.sharedSecret == "0123456789abcdef0123456789abcdef"
        },
        upstream("timeouts.connect", "timeouts: { connect: 250ms }") { $0.connectTimeout == Milliseconds(250) },
        upstream("timeouts.first_byte", "timeouts: { first_byte: 15m }") { $0.firstByteTimeout == .minutes(15) },
        upstream("timeouts.idle", "timeouts: { idle: 12h }") { $0.idleTimeout == .hours(12) },
        upstream("retries", "retries: 0") { $0.retries == 0 },
    ]

    private static let routeRows: [KeyArrival] = [
        route("name", name: "other") { $0.name == "other" },
        route("match.host", match: "host: \"*.EXAMPLE.org\"") { $0.host == "*.example.org" },
        route("match.path", match: "host: \"*\", path: /caf%C3%A9/") { $0.path == "/café/" },
        route("case_sensitive", "case_sensitive: true") { $0.isCaseSensitive },
        route("methods", "methods: [GET, POST]") { $0.methods == MethodSet([.get, .post]) },
        route("access", "access: public") { $0.access == .public },
        route("access.roles", "access: { roles: [admin, user] }") {
            requirements($0)?.roles.map(\.text) == ["admin", "user"]
        },
        route("access.mfa.within", "access: { mfa: { within: 1d } }") {
            requirements($0)?.secondFactorWithin == .hours(24)
        },
        route("access.networks", "access: { networks: [\"2001:db8::/32\", 192.0.2.1] }") {
            requirements($0)?.networks.count == 2
        },
        route(
            "upstream", upstreams: "upstreams: { app: { servers: [\"http://a\"] }, api: { servers: [\"http://b\"] } }",
            upstream: "api"
        ) { $0.upstream == 1 },
        route("path_parameters", "path_parameters: allow") { $0.allowances == .parameters },
        route("encoded_slash", "encoded_slash: allow") { $0.allowances == .encodedSlash },
        route("upgrades", "upgrades: [websocket]") { $0.upgrades == .webSocket },
        route("empty_segments", "empty_segments: allow") { $0.allowances == .emptySegments },
        route("shared_cache", "shared_cache: true") { $0.allowsSharedCache },
    ]

    private static let loginRows: [KeyArrival] = [
        top("login.home_realm", "login: { home_realm: domain }") { $0.login.homeRealm == .domain },
        top("login.password.minimum_length", "login: { password: { minimum_length: 16 } }") {
            $0.login.password.minimumLength == 16
        },
        top("login.password.require", "login: { password: { require: [digit] } }") {
            $0.login.password.required == [.digit]
        },
        top("login.password.forbid_common", "login: { password: { forbid_common: false } }") {
            !$0.login.password.forbidsCommon
        },
        top("login.password.forbid_personal_data", "login: { password: { forbid_personal_data: false } }") {
            !$0.login.password.forbidsPersonalData
        },
        top("login.password.forbid_repeats", "login: { password: { forbid_repeats: false } }") {
            !$0.login.password.forbidsRepeats
        },
        top("login.password.history", "login: { password: { history: 0 } }") { $0.login.password.history == 0 },
        // Every file of the folder will do: each line of it is a password.
        top("login.password.blocklist_file", "login: { password: { blocklist_file: c.pem } }") {
            $0.login.password.blocklist.count == 3
        },
        top("login.password.breach_check.file", "login: { password: { breach_check: { file: h.txt } } }") {
            $0.login.password.breachCheck.file == "/srv/h.txt"
        },
        top("login.password.breach_check.online", "login: { password: { breach_check: { online: true } } }") {
            $0.login.password.breachCheck.isOnline
        },
        top("login.password.breach_check.url", "login: { password: { breach_check: { url: https://a.example/r/ } } }") {
            $0.login.password.breachCheck.url == "https://a.example/r/"
        },
        top("login.password.breach_check.ca_file", "login: { password: { breach_check: { ca_file: c.pem } } }") {
            $0.login.password.breachCheck.authorityFile == "/srv/c.pem"
        },
        top("login.password.breach_check.timeout", "login: { password: { breach_check: { timeout: 500ms } } }") {
            $0.login.password.breachCheck.timeout == Milliseconds(500)
        },
        top("login.throttle.per_address.failures", "login: { throttle: { per_address: { failures: 7 } } }") {
            $0.login.throttle.perAddress.failures == 7
        },
        top("login.throttle.per_address.per", "login: { throttle: { per_address: { per: 1h } } }") {
            $0.login.throttle.perAddress.per == .hours(1)
        },
        top("login.throttle.per_address.ipv6_prefix", "login: { throttle: { per_address: { ipv6_prefix: 56 } } }") {
            $0.login.throttle.ipv6Prefix == 56
        },
        top("login.throttle.per_address.allow", "login: { throttle: { per_address: { allow: [192.0.2.0/24] } } }") {
            $0.login.throttle.allow == [AddressRange("192.0.2.0/24")].compactMap { $0 }
        },
        top(
            "login.throttle.per_account_and_address.failures",
            "login: { throttle: { per_account_and_address: { failures: 3 } } }"
        ) { $0.login.throttle.perAccountAndAddress.failures == 3 },
        top(
            "login.throttle.per_account_and_address.per",
            "login: { throttle: { per_account_and_address: { per: 30m } } }"
        ) { $0.login.throttle.perAccountAndAddress.per == .minutes(30) },
        top("login.throttle.per_account.failures", "login: { throttle: { per_account: { failures: 7 } } }") {
            $0.login.throttle.perAccount.failures == 7
        },
        top("login.throttle.per_account.per", "login: { throttle: { per_account: { per: 2h } } }") {
            $0.login.throttle.perAccount.per == .hours(2)
        },
        top("login.throttle.per_account.slowdown", "login: { throttle: { per_account: { slowdown: 0s } } }") {
            $0.login.throttle.slowdown == Milliseconds(0)
        },
        top("login.throttle.invitation.failures", "login: { throttle: { invitation: { failures: 7 } } }") {
            $0.login.throttle.invitation.failures == 7
        },
        top("login.throttle.invitation.per", "login: { throttle: { invitation: { per: 2h } } }") {
            $0.login.throttle.invitation.per == .hours(2)
        },
        top("login.throttle.reset.requests", "login: { throttle: { reset: { requests: 7 } } }") {
            $0.login.throttle.reset.failures == 7
        },
        top("login.throttle.reset.per", "login: { throttle: { reset: { per: 2h } } }") {
            $0.login.throttle.reset.per == .hours(2) && $0.login.throttle.resetPerAccount.per == .hours(2)
        },
        top(
            "login.throttle.reset.requests_per_account", "login: { throttle: { reset: { requests_per_account: 2 } } }"
        ) { $0.login.throttle.resetPerAccount.failures == 2 },
        top("login.throttle.mode", "login: { throttle: { mode: monitor } }") { $0.login.throttle.mode == .monitor },
        top("login.session.idle", "login: { session: { idle: 12h } }") { $0.login.session.idle == .hours(12) },
        top("login.session.absolute", "login: { session: { absolute: 7d } }") {
            $0.login.session.absolute == .hours(168)
        },
        top("login.session.per_user_limit", "login: { session: { per_user_limit: 5 } }") {
            $0.login.session.perUserLimit == 5
        },
        top("login.session.remember", "login: { session: { remember: 30d } }") {
            $0.login.session.remember == .hours(720)
        },
        top("login.session.outage_grace", "login: { session: { outage_grace: 0s } }") {
            $0.login.session.outageGrace == Milliseconds(0)
        },
    ]

    private static let limitRows: [KeyArrival] = [
        top("limits.header_bytes", "limits: { header_bytes: 64KiB }") { $0.proxy.limits.headerBytes == 65_536 },
        top("limits.headers", "limits: { headers: 50 }") { $0.proxy.limits.headers == 50 },
        top("limits.body", "limits: { body: 4096 }") { $0.proxy.limits.bodyBytes == 4096 },
        top("limits.connections", "limits: { connections: 20 }") { $0.proxy.limits.connections == 20 },
        top("limits.connections_per_address", "limits: { connections_per_address: 10 }") {
            $0.proxy.limits.connectionsPerAddress == 10
        },
        top("limits.cached_sessions", "limits: { cached_sessions: 500 }") { $0.proxy.limits.cachedSessions == 500 },
        top("limits.portal_body", "limits: { portal_body: 2MiB }") { $0.proxy.limits.portalBodyBytes == 2_097_152 },
        top("limits.handshake_timeout", "limits: { handshake_timeout: 1s }") {
            $0.proxy.limits.handshakeTimeout == .seconds(1)
        },
        top("limits.header_timeout", "limits: { header_timeout: 500ms }") {
            $0.proxy.limits.headerTimeout == Milliseconds(500)
        },
        top("limits.body_minimum_rate", "limits: { body_minimum_rate: 1KiB/s }") {
            $0.proxy.limits.bodyMinimumRate == 1024
        },
        top("limits.idle_timeout", "limits: { idle_timeout: 5m }") { $0.proxy.limits.idleTimeout == .minutes(5) },
    ]

    private static let tenantRows: [KeyArrival] = [
        tenant("id", "id: t-2\nname: T\n") { $0.id.text == "t-2" },
        tenant("name", "id: t\nname: Tönnies & Söhne\n") { $0.name == "Tönnies & Söhne" },
        tenant("hosts", "id: t\nname: T\nhosts: [T.example.org, \"[2001:DB8::1]\"]\n") {
            $0.hosts == ["t.example.org", "[2001:db8::1]"]
        },
        claim("email_domains", "email_domains: [Bücher.example]\n") { $0.emailDomains == ["xn--bcher-kva.example"] },
        claim("plan", "plan: enterprise\n") { $0.plan == "enterprise" },
        claim("region", "region: eu-central\n") { $0.region == "eu-central" },
        tenant("roles", "id: t\nname: T\nroles: [auditor]\n") { $0.ownRoles.map(\.text) == ["auditor"] },
        tenant("allowed_networks", "id: t\nname: T\nallowed_networks: [192.0.2.0/24]\n") {
            $0.allowedNetworks == [AddressRange("192.0.2.0/24")].compactMap { $0 }
        },
        tenant("suspended", "id: t\nname: T\nsuspended: true\n") { $0.isSuspended },
        claim("sign_in.methods", "sign_in: { methods: [password] }\n") { $0.signIn.methods == [.password] },
        claim("sign_in.break_glass", "sign_in: { break_glass: [IT@Acme.example] }\n") {
            $0.signIn.breakGlass == ["it@acme.example"]
        },
        file("session.idle", "session: { idle: 5m }") { $0.session?.idle == .minutes(5) },
        file("session.absolute", "session: { absolute: 8h }") { $0.session?.absolute == .hours(8) },
        file("session.per_user_limit", "session: { per_user_limit: 3 }") { $0.session?.perUserLimit == 3 },
        file("session.remember", "session: { remember: 0s }") { $0.session?.remember == Milliseconds(0) },
        file("branding.name", "branding: { name: Acme Portal }") { $0.branding?.name == "Acme Portal" },
        file("branding.logo_file", "branding: { logo_file: logo.png }") {
            $0.branding?.logo == .init(format: .webp, bytes: Array("RIFF0000WEBP".utf8))
        },
        file("branding.accent", "branding: { accent: \"#0B5CAD\" }") { $0.branding?.accent?.description == "#0b5cad" },
        file("branding.accent_dark", "branding: { accent_dark: \"#ffffff\" }") {
            $0.branding?.darkAccent?.description == "#ffffff"
        },
    ]

    /// A key that the file alone has.
    static func file(
        _ path: String, _ text: String, _ holds: @escaping @Sendable (TenantFileClaims) -> Bool
    ) -> KeyArrival {
        KeyArrival(path: "tenant.\(path)", folder: folder(tenant: tenant + text + "\n")) {
            $0.tenantFiles.contains(where: holds)
        }
    }
}
