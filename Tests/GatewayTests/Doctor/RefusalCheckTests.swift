import Core
import Login
import Outbound
import Testing

@testable import Gateway

@Suite("A doctor judges what is refused, hidden, stripped and throttled")
struct RefusalCheckTests {
    @Test("an unknown host answered 421 passes, any other answer fails", arguments: [200, 301, 404, 502])
    func unknownHost(status: Int) throws {
        var seen = try SeenGateway.observations()
        #expect(RefusalCheck.findings(seen).verdict("unknown-host") == .pass)
        seen.unknownHost = .success(SeenGateway.own(status))
        #expect(RefusalCheck.findings(seen).verdict("unknown-host") == .fail)
        seen.unknownHost = .failure(.timedOut("late"))
        #expect(RefusalCheck.findings(seen).verdict("unknown-host") == .info)
    }

    @Test("TRACE refused or cut off passes; answered or told back fails")
    func trace() throws {
        var seen = try SeenGateway.observations()
        #expect(RefusalCheck.findings(seen).verdict("trace") == .pass)
        seen.trace = .failure(.broken("closed"))
        #expect(RefusalCheck.findings(seen).verdict("trace") == .pass)
        seen.trace = .success(SeenGateway.own(200))
        #expect(RefusalCheck.findings(seen).verdict("trace") == .fail)
        seen.trace = .success(SeenGateway.own(404, "X-Doctor: \(SeenGateway.marker)"))
        #expect(RefusalCheck.findings(seen).verdict("trace") == .fail)
        seen.trace = .failure(.timedOut("late"))
        #expect(RefusalCheck.findings(seen).verdict("trace") == .info)
    }

    @Test("two lengths answered 400 or cut off pass; anything else is a warning")
    func framing() throws {
        var seen = try SeenGateway.observations()
        #expect(RefusalCheck.findings(seen).verdict("ambiguous-framing") == .pass)
        seen.framing = .success(nil)
        #expect(RefusalCheck.findings(seen).verdict("ambiguous-framing") == .pass)
        seen.framing = .success(SeenGateway.own(403))
        #expect(RefusalCheck.findings(seen).verdict("ambiguous-framing") == .warn)
        seen.framing = .failure(.timedOut("late"))
        #expect(RefusalCheck.findings(seen).verdict("ambiguous-framing") == .info)
    }

    @Test("probes that are not ours pass, whatever an application answers there")
    func operations() throws {
        var seen = try SeenGateway.observations()
        #expect(OperationsCheck.findings(seen).verdict("operations-not-public") == .pass)
        seen.operations = [.init(path: "/healthz", outcome: .success(SeenGateway.own(200, #"{"status":"ok"}"#)))]
        #expect(OperationsCheck.findings(seen).verdict("operations-not-public") == .pass)
        seen.operations = [.init(path: "/healthz", outcome: .failure(.timedOut("late")))]
        #expect(OperationsCheck.findings(seen).verdict("operations-not-public") == .info)
    }

    @Test("a health report or metrics of ours in public fail, an application's metrics are a warning")
    func publicOperations() throws {
        var seen = try SeenGateway.observations()
        for (status, body, verdict) in [
            (200, SeenGateway.health, DoctorFinding.Verdict.fail), (503, SeenGateway.health, .fail),
            (200, "# TYPE gatehouse_requests_total counter\ngatehouse_requests_total 1\n", .fail),
            (200, "# TYPE http_requests counter\nhttp_requests 1\n", .warn),
        ] {
            seen.operations = [.init(path: "/x", outcome: .success(SeenGateway.own(status, body)))]
            #expect(OperationsCheck.findings(seen).verdict("operations-not-public") == verdict)
        }
    }

    @Test("made-up identity that does not arrive passes, where headers are told back")
    func stripped() throws {
        #expect(IdentityHeaderCheck.findings(try SeenGateway.observations()).verdict("identity-headers") == .pass)
    }

    @Test("made-up identity that arrives fails, told back as JSON or in any other way")
    func arrived() throws {
        var seen = try SeenGateway.observations()
        let told = SeenGateway.told(["x-user-id": [SeenGateway.marker]])
        seen.spoofed = [.init(path: "/", outcome: .success(told))]
        #expect(IdentityHeaderCheck.findings(seen).verdict("identity-headers") == .fail)
        #expect(IdentityHeaderCheck.findings(seen).seen("identity-headers").contains("x-user-id"))
        seen.spoofed = [.init(path: "/", outcome: .success(SeenGateway.own(200, "Hello \(SeenGateway.marker)")))]
        #expect(IdentityHeaderCheck.findings(seen).verdict("identity-headers") == .fail)
    }

    @Test("where no headers are told back, nothing is known, which is no pass")
    func unseen() throws {
        var seen = try SeenGateway.observations()
        for outcome: DoctorObservations.Outcome in [.success(SeenGateway.own(302)), .failure(.timedOut("late"))] {
            seen.spoofed = [.init(path: "/", outcome: outcome)]
            #expect(IdentityHeaderCheck.findings(seen).verdict("identity-headers") == .info)
            #expect(IdentityHeaderCheck.findings(seen).seen("identity-headers").hasPrefix("not checkable: "))
        }
    }

    @Test("a throttle up to 1,000 failures passes, a looser one fails", arguments: [(1000, true), (1001, false)])
    func throttle(failures: Int, passes: Bool) throws {
        var seen = try SeenGateway.observations()
        seen.throttle = ThrottleSettings(perAddress: .init(failures: failures, per: .hours(24)))
        #expect(ThrottleCheck.findings(seen).verdict("login-throttle") == (passes ? .pass : .fail))
    }

    @Test("a throttle that exempts everybody fails; one that exempts an office passes")
    func exempt() throws {
        var seen = try SeenGateway.observations()
        for (range, verdict) in [
            ("0.0.0.0/0", DoctorFinding.Verdict.fail), ("::/0", .fail), ("192.0.2.0/24", .pass),
        ] {
            seen.throttle = ThrottleSettings(allow: [try #require(AddressRange(range))])
            #expect(ThrottleCheck.findings(seen).verdict("login-throttle") == verdict)
        }
    }

    @Test("without a configuration nothing is known of the throttle")
    func noConfiguration() throws {
        var seen = try SeenGateway.observations()
        seen.throttle = nil
        #expect(ThrottleCheck.findings(seen).verdict("login-throttle") == .info)
    }
}
