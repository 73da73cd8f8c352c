import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("The flight recorder")
struct FlightRecorderTests {
    private func traces(_ world: SSOWorld, requestID: String? = nil) async throws -> [SSOTrace] {
        try await world.tenant.ssoTraces.list(connection: nil, requestID: requestID, limit: 200)
    }

    /// Everything that a trace says.
    private func words(_ trace: SSOTrace) -> String {
        (trace.summary.map { "\($0.name)=\($0.value)" } + trace.steps.map { "\($0.outcome): \($0.words)" })
            .joined(separator: "\n")
    }

    @Test("an accepted answer leaves what came and what was checked, in order, and nobody's data")
    func accepted() async throws {
        let world = try await SSOWorld { $0.attributes.roles = "groups" }
        let outcome = try await world.answer {
            $0.subject = "erika.muster@acme.example"
            $0.attributes.append(("groups", ["secret-group", "b"]))
            $0.attributes.append(("phone", ["+49 30 1234567"]))
        }
        #expect(outcome.session != nil)
        let trace = try #require(try await traces(world).first)
        #expect(trace.verdict == "accepted" && trace.reason == nil && trace.isBound && trace.kind == .signIn)
        #expect(trace.requestID == "r1" && trace.connection == "okta")
        let text = words(trace)
        for kept in [
            "issuer=https://idp.example/metadata", "signed=assertion", "encrypted=nothing", "groups (2)", "phone (1)",
            "rsa-sha256", "the audience is", "e…@acme.example", "it is used for the first time", "an account was made",
            "the session has begun",
        ] {
            #expect(text.contains(kept), "\(kept)\n\(text)")
        }
        for personal in ["erika.muster", "Erika M.", "secret-group", "1234567", "SAMLResponse", "<saml"] {
            #expect(!text.contains(personal), "\(personal)\n\(text)")
        }
    }

    @Test("a refused answer says why in words, whoever refused it")
    func refused() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer { $0.audience = "https://other.example" }.refusal != nil)
        world.base.clock.advance(.seconds(1))
        #expect(try await world.answer { $0.attributes = [("mail", ["x@y.example"])] }.refusal != nil)
        let (last, first) = (try #require(try await traces(world).first), try #require(try await traces(world).last))
        #expect(first.reason == "audience-mismatch" && first.steps.last?.outcome == "failed")
        #expect(first.steps.last?.words.contains("https://other.example") == true)
        #expect(last.reason == "email-domain" && last.verdict == "refused")
        #expect(last.steps.last?.words == "the domain y.example is none of this connection's")
    }

    @Test("a name with controls is not in the trace of its refusal")
    func names() async throws {
        let world = try await SSOWorld()
        let long = String(repeating: "a", count: 2000)
        #expect(try await world.answer { $0.subject = long }.refusal == "name-id-malformed")
        let trace = try #require(try await traces(world).first)
        #expect(!words(trace).contains("aaaa") && words(trace).contains("2000 bytes"))
    }

    @Test("what anybody can send is kept ten times a minute, and pushes nothing else out")
    func unbound() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer().session != nil)
        for _ in 0..<25 { _ = await world.receive(Array("junk".utf8), relayState: nil, attempts: []) }
        #expect(try await traces(world).filter { !$0.isBound }.count == FlightRecorder.mostUnbound)
        #expect(try await traces(world).filter(\.isBound).count == 1)
        world.base.clock.advance(.minutes(1))
        _ = await world.receive(Array("junk".utf8), relayState: nil, attempts: [])
        #expect(try await traces(world).filter { !$0.isBound }.count == FlightRecorder.mostUnbound + 1)
        // None of it is in the audit log.
        #expect(try await world.actions().filter { $0 == "login.failed" }.isEmpty)
    }

    @Test("who has begun a sign-in pushes nothing out by answers that prove nothing, however many")
    func oneAttempt() async throws {
        let world = try await SSOWorld()
        #expect(try await world.answer().session != nil)
        let attempt = try await world.attempt()
        for _ in 0..<1100 {
            _ = await world.receive(Array("QUJD".utf8), relayState: attempt.relayState, attempts: [attempt])
        }
        #expect(try await traces(world).filter(\.isBound).map(\.verdict) == ["accepted"])
        #expect(try await traces(world).filter { !$0.isBound }.count == FlightRecorder.mostOfOne)
        // A true one that failed is found all the same.
        let mine = try await world.attempt()
        let response = TestResponse(now: world.now, answers: mine.requestID).but { $0.audience = "https://x.example" }
        let outcome = await world.receive(
            world.provider.field(response), relayState: mine.relayState, attempts: [mine], requestID: "r-true")
        #expect(outcome.refusal == "audience-mismatch")
        #expect(try await traces(world, requestID: "r-true").map(\.reason) == ["audience-mismatch"])
    }

    @Test("many attempts that prove nothing are kept sixty times a minute, and take no room from what nobody began")
    func manyAttempts() throws {
        var counts = TraceCounts()
        let (acme, globex) = (try tenantID("acme"), try tenantID("globex"))
        let start = WallTime(milliseconds: 1_800_000_000_000)
        func kept(_ range: Range<Int>, of tenant: TenantID, at moment: WallTime) -> Int {
            range.count { counts.admits("attempt \($0)", of: tenant, at: moment) }
        }
        #expect(kept(0..<100, of: acme, at: start) == FlightRecorder.mostUnverified)
        #expect(kept(0..<100, of: globex, at: start) == FlightRecorder.mostUnverified)
        #expect((0..<100).count { _ in counts.admits(nil, of: acme, at: start) } == FlightRecorder.mostUnbound)
        let next = start.advanced(by: .minutes(1))
        #expect(kept(0..<10, of: acme, at: next) == 10 && kept(0..<10, of: acme, at: next) == 10)
        // These were there three times by now.
        #expect(kept(0..<10, of: acme, at: next) == 0 && kept(200..<201, of: acme, at: next) == 1)
        #expect(kept(0..<10, of: acme, at: start.advanced(by: .minutes(9))) == 0)
        #expect(kept(0..<10, of: acme, at: start.advanced(by: .minutes(20))) == 10)
    }

    @Test("an answer that is shown again and again is in the audit log once, and in three traces")
    func replays() async throws {
        let world = try await SSOWorld()
        let attempt = try await world.attempt()
        let response = TestResponse(now: world.now, answers: attempt.requestID)
        func failures() async throws -> Int { try await world.actions().count { $0 == "login.failed" } }
        func show(_ response: TestResponse) async -> SSOOutcome {
            await world.receive(world.provider.field(response), relayState: attempt.relayState, attempts: [attempt])
        }
        #expect(await show(response).session != nil)
        for _ in 0..<10 { #expect(await show(response).refusal == "assertion-replayed") }
        #expect(try await failures() == 1)
        #expect(try await traces(world).filter(\.isBound).count == 1)
        #expect(try await traces(world).filter { !$0.isBound }.count == FlightRecorder.mostOfOne)
        // Another assertion is another entry.
        let other = response.but { $0.id = "_other" }
        for _ in 0..<5 { #expect(await show(other).refusal == "assertion-replayed") }
        #expect(try await failures() == 2)
        #expect(try await traces(world).filter(\.isBound).count == 1)
    }

    @Test(
        "addresses are masked wherever they stand in words",
        arguments: [
            ("the user ada@acme.example is unknown", "the user a…@acme.example is unknown"),
            ("\"ada@acme.example\", x", "\"a…@acme.example\", x"), ("mail=ada@x,bob@y", "mail=a…@x,b…@y"),
            ("nothing here", "nothing here"), ("@x", "@x"), ("é@x", "é…@x"), ("a@b@c", "a…@c"),
        ])
    func masking(_ words: String, _ masked: String) {
        #expect(SSOMasking.masked(words) == masked)
    }
}
