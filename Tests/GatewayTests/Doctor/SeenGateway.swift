import Core
import HostCrypto
import Login
import Outbound

@testable import Gateway

/// What a doctor sees of a gateway that is as it should be; a test spoils the one thing that it is about.
enum SeenGateway {
    /// 2026-01-31T12:00:00Z.
    static let now: Int64 = 1_769_860_800
    static let date = "Sat, 31 Jan 2026 12:00:00 GMT"
    static let marker = "doctor-0011223344556677"
    static let cookie = "__Host-gatehouse-login=abc; Secure; HttpOnly; SameSite=Lax; Path=/"
    static let policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
    static let health = #"{"status":"ok","checks":{"loops":{"status":"ok","detail":"2 of 2 answered"}}}"#

    static func observations(url: String = "https://app.example.org/") throws -> DoctorObservations {
        let target = try DoctorRequest(url: url, caFile: nil, resolve: [], configuration: nil).target
        var seen = DoctorObservations(
            target: target, marker: marker, caFile: nil, login: .success(loginPage()),
            askedAt: WallTime(milliseconds: now * 1000), answeredAt: WallTime(milliseconds: now * 1000 + 40),
            missing: .success(own(404)), unknownHost: .success(own(421)), trace: .success(own(405)),
            operations: OperationsHandler.paths.map { .init(path: $0, outcome: .success(own(404))) },
            spoofed: [.init(path: "/", outcome: .success(told(["host": ["app.example.org"]])))],
            framing: .success(own(400)), throttle: ThrottleSettings())
        seen.secondFactors = .init(tenants: ["acme"], hasMail: true)
        seen.connections = []
        seen.handshakes = [.tls10: .refused("no"), .tls11: .refused("no"), .tls12: .accepted, .tls13: .accepted]
        seen.mail = .init(server: SMTPServer(host: "mail.example.org", port: 587), outcome: .success(.tls13))
        return seen
    }

    static func loginPage(
        cookies: [String] = [cookie], policies: [String] = [policy], date: String? = date,
        chain: [PeerCertificate] = [certificate()]
    ) -> ProbeAnswer {
        var answer = own(200)
        answer.fields.append(ProbeField("Content-Type", "text/html; charset=utf-8"))
        answer.fields += cookies.map { ProbeField("Set-Cookie", $0) }
        answer.fields += policies.map { ProbeField("Content-Security-Policy", $0) }
        if let date { answer.fields.append(ProbeField("Date", date)) }
        answer.chain = chain
        return answer
    }

    /// A login that is on another host.
    static func departure(cookie: String = cookie) -> ProbeAnswer {
        var answer = own(303)
        answer.fields.append(
            ProbeField("Location", "https://id.example.org:8443/.gatehouse/session/handoff?to=app.example.org&state=a"))
        answer.fields.append(ProbeField("Set-Cookie", cookie))
        answer.chain = [certificate()]
        return answer
    }

    /// An answer as Gatehouse gives it.
    static func own(_ status: Int, _ body: String = "") -> ProbeAnswer {
        ProbeAnswer(
            status: status, fields: [ProbeField("Cache-Control", "no-store")], body: Array(body.utf8), version: .tls13)
    }

    /// What the echo application tells back.
    static func told(_ headers: [String: [String]]) -> ProbeAnswer {
        let members = headers.map { name, values in
            "\"\(name)\":[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        }
        return own(200, "{\"headers\":{" + members.joined(separator: ",") + "}}")
    }

    static func certificate(
        names: [String] = ["app.example.org"], addresses: [String] = [], days: Int64 = 90
    ) -> PeerCertificate {
        PeerCertificate(
            names: names, addresses: addresses.compactMap { ClientAddress($0) }, issuer: "CN=Authority",
            notBefore: now - 3600, notAfter: now + days * 86400 + 60)
    }
}

extension [DoctorFinding] {
    /// The verdict of the finding of this name.
    func verdict(_ name: String) -> DoctorFinding.Verdict? { first { $0.name == name }?.verdict }

    /// What it saw.
    func seen(_ name: String) -> String { first { $0.name == name }?.seen ?? "" }
}
