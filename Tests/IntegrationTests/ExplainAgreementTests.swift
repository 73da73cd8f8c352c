import Access
import Core
import Foundation
import Proxy
import TestSupport
import Testing

@testable import Gateway

@Suite(.ownThread, .timeLimit(.minutes(3)))
struct ExplainAgreementTests {
    /// One random request, and how it should end.
    struct Trial: Sendable {
        var method: Core.Method
        var host: String
        var path: String
        var member: Member?
        var expected: String

        var words: String {
            "\(method.token) \(host) \(path) as \(member.map { "\($0.tenant) \($0.roles) \($0.factors)" } ?? "nobody")"
        }
    }

    static let members: [Member?] =
        [nil]
        + [
            Member(token: "agreement-token-acme-user-0001", tenant: "acme"),
            Member(token: "agreement-token-acme-admin-001", tenant: "acme", roles: ["user", "admin"]),
            Member(
                token: "agreement-token-acme-totp-0001", tenant: "acme", roles: ["user", "admin"],
                factors: [.password, .totp]),
            Member(token: "agreement-token-globex-user-01", tenant: "globex"),
            Member(token: "agreement-token-globex-admin-1", tenant: "globex", roles: ["user", "admin"]),
            Member(token: "agreement-token-dormant-user-1", tenant: "dormant"),
        ]

    static let hosts = [
        "acme.example.org", "acme.example.org", "ACME.example.org:8443", "acme.example.org.", "globex.example.org",
        "app.example.org", "shared.example.org", "dormant.example.org", "strict.example.org", "unknown.example.org",
        "example.org", "xacme.example.org",
    ]

    /// Pieces of paths, among them what two parsers read differently.
    static let heads = [
        "/", "/admin", "/admin/", "/Admin/", "/adminx", "/%61dmin/", "/assets/", "/optional/", "/form", "/deep/er/",
        "/exact", "/Exact", "/near/", "/parameters/", "/slashes/", "/.gatehouse/", "/.Gatehouse/", "/.gatehouse",
        "/.gatehousex", "/.well-known/security.txt", "/.well-known/change-password",
        "/.well-known/webauthn", "/elsewhere/",
    ]
    static let middles = ["", "", "a", "a/b", "b%20c", "%C3%A4", "x.css", "page", "~user", "a+b"]
    static let tails = ["", "", "?q=1", "?return_to=/admin/", "/", "?a=b&c=%2F"]
    /// Rarer, as most of them end the connection.
    static let oddities = [
        "..", "../admin/", "%2e%2e/", ";v=1", "a;b/c", "%2F", "a%2Fb", "/", "//", "%5C", "%00", "%0a", "%ff", "%C0%AF",
        "%zz",
        "%", ".", "./a", "%2E/",
    ]
    static let methods: [Core.Method] = [
        .get, .get, .get, .get, .post, .put, .delete, .patch, .options, .head, .propfind,
    ]

    static func folder(_ upstream: RawUpstream) throws -> GatewayFolder {
        let folder = try GatewayFolder(upstream: upstream)
        folder.extra = "shared_hosts: [ shared.example.org ]"
        folder.routes = [
            #"{ name: assets, match: { host: "*.example.org", path: /assets/ }, access: public, upstream: app }"#,
            #"{ name: optional, match: { host: "*.example.org", path: /optional/ }, access: optional, upstream: app }"#,
            #"{ name: form, match: { host: "*.example.org", path: /form }, methods: [POST], access: public, upstream: app }"#,
            #"{ name: admin, match: { host: "*.example.org", path: /admin/ }, methods: [GET, POST], access: { roles: [admin] }, upstream: app }"#,
            #"{ name: deep, match: { host: "*.example.org", path: /deep/er/ }, access: { roles: [admin], mfa: { within: 12h } }, upstream: app }"#,
            #"{ name: exact, match: { host: "*.example.org", path: /Exact }, case_sensitive: true, access: public, upstream: app }"#,
            #"{ name: near, match: { host: "*.example.org", path: /near/ }, access: { networks: [10.0.0.0/8] }, upstream: app }"#,
            #"{ name: parameters, match: { host: "*.example.org", path: /parameters/ }, path_parameters: allow, empty_segments: allow, upstream: app }"#,
            #"{ name: slashes, match: { host: "*.example.org", path: /slashes/ }, encoded_slash: allow, access: public, upstream: app }"#,
            #"{ name: globex, match: { host: globex.example.org, path: / }, access: { roles: [admin] }, upstream: app }"#,
            #"{ name: app, match: { host: acme.example.org, path: / }, access: authenticated, upstream: app }"#,
            #"{ name: shared, match: { host: "shared.example.org", path: / }, access: authenticated, upstream: app }"#,
        ]
        try folder.write(
            "tenants/dormant.yaml", "id: dormant\nname: Dormant\nhosts: [ dormant.example.org ]\nsuspended: true\n")
        try folder.write(
            "tenants/strict.yaml", "id: strict\nname: Strict\nhosts: [ strict.example.org ]\nmfa: required\n")
        try folder.write(
            "tenants/globex.yaml", "id: globex\nname: Globex\nhosts: [ globex.example.org ]\nmfa: required\n")
        return folder
    }

    static func trials(_ count: Int, _ snapshot: AccessSnapshot) -> [Trial] {
        var random = SeededGenerator(seed: 20_240_229)
        return (0..<count).map { _ in
            var path = heads.one(&random)
            if random.chooses(3, of: 4) { path += middles.one(&random) }
            if random.chooses(1, of: 6) { path += oddities.one(&random) }
            path += tails.one(&random)
            let (host, method) = (hosts.one(&random), methods.one(&random))
            let member = members.one(&random)
            let supposed = member.flatMap { member in
                TenantID(member.tenant).map {
                    SupposedMember(tenant: $0, roles: member.roles.compactMap(RoleName.init), factors: member.factors)
                }
            }
            let explanation = Gate.explain(
                host: host, path: path, method: method, member: supposed, snapshot: snapshot)
            return Trial(
                method: method, host: host, path: path, member: member, expected: Self.words(explanation, method))
        }
    }

    /// How an explained request ends, in the words of `outcome`.
    private static func words(_ explanation: Explanation, _ method: Core.Method) -> String {
        switch explanation.verdict {
        case .forward: return "forward"
        case .portal: return "portal"
        case .preflight: return "preflight"
        case .load: return "load"
        case .refuse:
            let status = explanation.status ?? 0
            return method == .head ? "\(status)" : "\(status) \(explanation.reason?.code ?? "none")"
        }
    }

    /// Plays the trials one after the other, over as few connections as the gateway allows.
    private static func play(_ trials: ArraySlice<Trial>, _ gateway: RunningGateway) throws -> [String] {
        var faults: [String] = []
        var client = try gateway.client()
        for trial in trials {
            let answer = try client.ask(
                trial.path, method: trial.method.token, host: trial.host, token: trial.member?.token)
            let found: String
            if answer["x-from"] == "upstream" {
                found = "forward"
            } else if trial.expected == "portal", answer["x-request-id"] != nil, answer["retry-after"] == nil {
                // The portal's own answers are counted below.
                found = "portal"
            } else {
                found = answer.outcome
            }
            if found != trial.expected { faults.append("\(trial.words): explained \(trial.expected), was \(found)") }
            if answer["connection"] == "close" { client = try gateway.client() }
        }
        return faults
    }

    @Test("explain and the running gateway agree on 10,000 random requests")
    func agreement() throws {
        let upstream = try RawUpstream()
        let folder = try Self.folder(upstream)
        let gateway = try RunningGateway(folder, members: Self.members.compactMap(\.self))
        let settings = try ConfigurationLoader(environment: [:], certificateCheck: nil).load(folder.file).settings.get()
        let trials = Self.trials(10_000, try AccessSnapshot(settings.access, generation: 1))
        let share = trials.count / 4
        let faults = try inParallel(4) { try Self.play(trials[$0 * share..<($0 + 1) * share], gateway) }.flatMap(\.self)
        #expect(faults == [], "\(faults.count) of \(trials.count) disagree")
        #expect(Int(gateway.counter(.portalCalls)) == trials.count { $0.expected == "portal" })
        // The trials must have been worth playing: every end and every kind of refusal was met.
        let ends = Set(trials.map(\.expected))
        for end in [
            "forward", "portal", "401 login-required", "403 role-missing", "403 tenant-suspended",
            "403 network-refused", "401 mfa-required", "404 route-missing", "404 page-missing",
            "405 method-not-allowed", "421 host-unknown", "400 path-dot-segment", "400 path-parameter",
            "400 path-encoded-slash", "400 path-empty-segment", "400 path-malformed",
        ] {
            #expect(ends.contains(end), "no trial ends with \(end)")
        }
    }

    @Test("the command's explanation is the decision's")
    func command() throws {
        let upstream = try RawUpstream()
        let folder = try Self.folder(upstream)
        try folder.write()
        let settings = try ConfigurationLoader(environment: [:], certificateCheck: nil).load(folder.file).settings.get()
        for trial in Self.trials(100, try AccessSnapshot(settings.access, generation: 1)) {
            let explanation = try GatewayExplanation.explain(
                ExplainRequest(
                    host: trial.host, path: trial.path, method: trial.method.token, tenant: trial.member?.tenant,
                    roles: trial.member?.roles ?? [], factors: trial.member?.factors.map(\.rawValue) ?? [],
                    client: "127.0.0.1"), file: folder.file, environment: [:])
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(explanation.json.utf8)) as? [String: Any])
            let verdict = try #require(document["verdict"] as? String)
            if verdict == "refuse" {
                let status = try #require(document["status"] as? Int)
                #expect(trial.expected.hasPrefix("\(status)"), "\(trial.words)")
                #expect(!explanation.isAllowed)
            } else {
                #expect(verdict == trial.expected, "\(trial.words)")
                #expect(explanation.isAllowed)
            }
        }
    }
}
