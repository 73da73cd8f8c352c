import Access
import Core
import Foundation
import HostCrypto
import Store
import Testing

@testable import Gateway

/// What a tenant's rule for second factors does to sessions of the store, through the whole gateway.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct SecondFactorRuleTests {
    private static let page = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Accept: text/html"]

    private let folder: GatewayFolder
    private let gateway: RunningGateway
    private let upstream: RawUpstream

    init() throws {
        upstream = try RawUpstream(RawUpstream.answering { $0["x-auth-factors"] ?? "-" })
        folder = try GatewayFolder(upstream: upstream)
        folder.routes.insert(
            #"{ name: vault, match: { host: "*.example.org", path: /vault/ }, access: { mfa: { within: 12h } }, upstream: app }"#,
            at: 0)
        gateway = try RunningGateway(folder, members: [], loops: 1)
    }

    /// Writes acme's `mfa` and reads the files again.
    private func rule(_ mfa: String) throws {
        try folder.write("tenants/acme.yaml", "id: acme\nname: acme\nhosts: [ acme.example.org ]\nmfa: \(mfa)\n")
        #expect(gateway.server.reload())
    }

    private func factors(_ member: StoredMember) throws -> MemberFactors {
        let (data, member) = (gateway.server.data, member)
        return try Awaiting.result { try await data.store.tenant(member.tenant).factors.all(of: member.user.id) }
    }

    @Test("a rule that is new with a grace cuts no session off; without one every session owes a factor at once")
    func grace() throws {
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        #expect(try factors(member).graceBeganAt == nil)
        try rule("{ required: true, grace: 14d }")
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        let began = try #require(try factors(member).graceBeganAt)
        #expect(try client.ask("/vault/", token: member.token).outcome == "401 mfa-required")
        try rule("required")
        #expect(try client.ask("/app", token: member.token).outcome == "401 mfa-required")
        try rule("{ required: true, grace: 1d }")
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        #expect(try factors(member).graceBeganAt == began, "it begins once")
        try rule("{ roles: [admin], grace: 1d }")
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        try rule("{ roles: [admin] }")
        #expect(try client.ask("/app", token: member.token).outcome == "200")
    }

    @Test("a grace that is over lets nobody through, however long ago it began")
    func over() throws {
        let member = try StoredMember.make(in: gateway.server)
        let (data, tenant, user) = (gateway.server.data, member.tenant, member.user.id)
        let began = WallTime(milliseconds: Clocks.wall().milliseconds - 2 * 86_400_000)
        #expect(
            try Awaiting.result { try await data.store.tenant(tenant).factors.beginGrace(of: user, at: began) }
                == began)
        try rule("{ required: true, grace: 1d }")
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "401 mfa-required")
        try rule("{ required: true, grace: 3d }")
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "200")
    }

    @Test("whoever has a factor is asked to prove it, and gets no grace")
    func enrolled() throws {
        let member = try StoredMember.make(in: gateway.server)
        let (data, tenant, user) = (gateway.server.data, member.tenant, member.user)
        let session = member.session.id
        _ = try Awaiting.result {
            let app = NewAuthenticatorApp(
                name: "App", secret: FactorSecret(SecretBytes(copying: Array(repeating: 7, count: 20))), firstStep: 1)
            return try await data.store.tenant(tenant).factors.add(
                app, to: user, recoveryCodes: nil, keeping: session, audit: AuditEntry(action: "test", actor: .system),
                letters: [], at: Clocks.wall())
        }
        try rule("{ required: true, grace: 14d }")
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "401 mfa-required")
        try rule("optional")
        #expect(try gateway.client().ask("/app", token: member.token).outcome == "200")
    }

    @Test("a member who is given a role that owes a factor has the time that the rule gives, on live sessions too")
    func roles() throws {
        try rule("{ roles: [admin], grace: 14d }")
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        #expect(try factors(member).graceBeganAt == nil)
        try member.change(in: gateway.server) { $0.roles = [RoleName("admin")].compactMap(\.self) }
        gateway.server.data.notices.send(.changed(user: member.user.id, of: member.tenant))
        #expect(try becomesTrue { try client.ask("/admin/", token: member.token).outcome == "200" })
        #expect(try factors(member).graceBeganAt != nil)
        try rule("{ roles: [admin] }")
        #expect(try client.ask("/admin/", token: member.token).outcome == "401 mfa-required")
    }

    @Test("a page is led to the step-up page and back; what would have changed something is told to be done again")
    func stepUp() throws {
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        let read = try client.ask("/vault/a?b=c", token: member.token, fields: Self.page)
        #expect(read.status == 302)
        #expect(read["location"] == "/.gatehouse/login/step-up?return_to=/vault/a%3Fb%3Dc")
        let origin = ["Sec-Fetch-Site: same-origin", "Referer: https://acme.example.org/vault/form"]
        let written = try client.ask(
            "/vault/a", method: "POST", token: member.token, fields: Self.page + origin, body: "x=1")
        #expect(written.status == 303)
        #expect(written["location"] == "/.gatehouse/login/step-up?return_to=/vault/form&repeat=1")
        let nowhere = try gateway.client().ask(
            "/vault/a", method: "POST", token: member.token, fields: Self.page + origin.prefix(1), body: "x=1")
        #expect(nowhere["location"] == "/.gatehouse/login/step-up?repeat=1")
    }

    @Test("a program is told the challenge, and where its user proves what is missing")
    func program() throws {
        let member = try StoredMember.make(in: gateway.server)
        let answer = try gateway.client().ask("/vault/", token: member.token)
        #expect(answer.outcome == "401 mfa-required")
        #expect(
            answer["www-authenticate"] == "Bearer error=\"insufficient_user_authentication\", max_age=\"43200\"")
        #expect(answer.text.contains(#""login_url":"https://acme.example.org/.gatehouse/login/step-up""#))
        #expect(
            try gateway.client().ask("/app").text.contains(
                #""login_url":"https://acme.example.org/.gatehouse/login""#))
    }

    @Test("a reset ends every session within a second, and is counted")
    func reset() throws {
        let member = try StoredMember.make(in: gateway.server)
        let client = try gateway.client()
        #expect(try client.ask("/app", token: member.token).outcome == "200")
        let file = folder.file
        let said = try Awaiting.result {
            try await Self.onThread {
                let operatorClient = try OperatorClient.open(file: file, environment: [:])
                defer { operatorClient.close() }
                return try operatorClient.resetFactors(
                    of: "mia@acme.example", in: "acme", printsCode: true, asJSON: false)
            }
        }
        let lines = said.text.split(separator: "\n")
        #expect(lines.first == "0 second factors removed")
        #expect(lines.last?.count(where: \.isNumber) == 8)
        #expect(try client.ask("/app", token: member.token).outcome == "401 login-required")
        #expect(try gateway.metric("gatehouse_second_factor_resets_total") == 1)
        #expect(
            try gateway.metric(#"gatehouse_second_factor_proofs_total{factor="totp",outcome="proved"}"#) == 0)
    }

    /// Runs what blocks on a thread of its own.
    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
