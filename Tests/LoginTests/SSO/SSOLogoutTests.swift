import Core
import HostCrypto
import Testing

@testable import Login
@testable import SAML
@testable import Store

@Suite("Single logout")
struct SSOLogoutTests {
    private func receive(
        _ world: SSOWorld, _ arrival: SSOLogoutMessage.Arrival, isRequest: Bool, relayState: String? = nil
    ) async -> SSOLogoutOutcome {
        await world.sso.receiveLogout(
            SSOLogoutMessage(
                tenant: world.id, connection: world.name, arrival: arrival, isRequest: isRequest,
                relayState: relayState, requestID: "r1"))
    }

    private func request(
        _ world: SSOWorld, id: String = "_lr1", subject: String = "u-4711", indexes: [String] = []
    ) -> SSOLogoutMessage.Arrival {
        let document = world.provider.logoutRequest(
            id: id, subject: subject, indexes: indexes, at: world.now, to: SSOWorld.slo)
        return .query(world.provider.query(document, .request, relayState: "rs"))
    }

    private func ended(_ outcome: SSOLogoutOutcome) -> Set<SessionHandle>? {
        if case .answer(_, let ended) = outcome { Set(ended) } else { nil }
    }

    @Test("a provider ends the sessions that it names by their index, wherever they are")
    func byIndex() async throws {
        let world = try await SSOWorld()
        let one = try #require(try await world.answer { $0.sessionIndex = "_a" }.session)
        let two = try #require(try await world.answer { $0.sessionIndex = "_b" }.session)
        let outcome = await receive(world, request(world, indexes: ["_a"]), isRequest: true)
        #expect(ended(outcome) == [one.handle])
        guard case .answer(.redirect(let address), _) = outcome else {
            Issue.record("no answer")
            return
        }
        #expect(address.hasPrefix("https://idp.example/slo/done?SAMLResponse=") && address.contains("&RelayState=rs&"))
        #expect(try await world.stored(two).user == two.user)
        #expect(await world.sso.origin(of: one.handle, in: world.id) == nil)
        #expect(try await world.actions().last == "logout")
    }

    @Test("without an index every session of the subject ends, and nobody else's")
    func bySubject() async throws {
        let world = try await SSOWorld()
        let one = try #require(try await world.answer { $0.sessionIndex = "_a" }.session)
        let two = try #require(try await world.answer { $0.sessionIndex = "_b" }.session)
        let other = try #require(
            try await world.answer {
                $0.subject = "u-2"
                $0.attributes = [("mail", ["max@acme.example"])]
            }.session)
        #expect(ended(await receive(world, request(world), isRequest: true)) == [one.handle, two.handle])
        #expect(try await world.stored(other).user == other.user)
        #expect(ended(await receive(world, request(world, id: "_lr2"), isRequest: true)) == [])
    }

    @Test("a request in a form is as good; one by a stranger's key ends nothing")
    func forms() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let document = world.provider.logoutRequest(
            id: "_lr3", subject: "u-4711", indexes: [], at: world.now, to: SSOWorld.slo)
        let stranger = try TestProvider("stranger")
        let refused = await receive(world, .field(stranger.signedField(document)), isRequest: true)
        #expect(refused == .refused(reason: "signature-invalid"))
        #expect(try await world.stored(session).user == session.user)
        let outcome = await receive(world, .field(world.provider.signedField(document)), isRequest: true)
        #expect(ended(outcome) == [session.handle])
    }

    @Test("a request counts once")
    func replay() async throws {
        let world = try await SSOWorld()
        let arrival = request(world)
        #expect(ended(await receive(world, arrival, isRequest: true)) == [])
        let session = try #require(try await world.answer().session)
        #expect(await receive(world, arrival, isRequest: true) == .refused(reason: "logout-replayed"))
        #expect(try await world.stored(session).user == session.user)
    }

    @Test("a request that the store could not carry out counts when it comes again")
    func fault() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let arrival = request(world)
        let mac = try await world.tenant.database.transaction { transaction in
            let row = try transaction.first("SELECT mac FROM session_origin")
            try transaction.execute("UPDATE session_origin SET mac = zeroblob(32)")
            return try row?.blob(0)
        }
        guard case .unavailable = await receive(world, arrival, isRequest: true) else {
            Issue.record("the row is not looked at")
            return
        }
        #expect(try await world.stored(session).user == session.user)
        let whole = try #require(mac)
        try await world.tenant.database.transaction { transaction in
            _ = try transaction.execute("UPDATE session_origin SET mac = ?", .blob(whole))
        }
        #expect(ended(await receive(world, arrival, isRequest: true)) == [session.handle])
        #expect(await receive(world, arrival, isRequest: true) == .refused(reason: "logout-replayed"))
    }

    @Test("a request that is shown again and again leaves three traces, apart from what was carried out")
    func replayTraces() async throws {
        let world = try await SSOWorld()
        let arrival = request(world)
        #expect(ended(await receive(world, arrival, isRequest: true)) == [])
        for _ in 0..<10 {
            #expect(await receive(world, arrival, isRequest: true) == .refused(reason: "logout-replayed"))
        }
        let traces = try await world.tenant.ssoTraces.list()
        #expect(traces.filter(\.isBound).map(\.verdict) == ["accepted"])
        #expect(traces.filter { !$0.isBound }.count == FlightRecorder.mostOfOne)
    }

    @Test("a sign-out goes on to the provider, and its answer is known by what it answers alone")
    func outwards() async throws {
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let origin = try #require(await world.sso.origin(of: session.handle, in: world.id))
        for next in [nil, 2] {
            guard case .redirect(let address) = await world.sso.logout(origin, in: world.id, nextIndex: next) else {
                Issue.record("no message")
                return
            }
            let sent = try parts(of: address)
            #expect(sent.document.contains(">u-4711</saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex>"))
            #expect(sent.relayState.hasPrefix(next.map { "\($0)." } ?? "-."))
            func answer(_ id: String, _ state: String, _ status: String = Names.success) async -> SSOLogoutOutcome {
                let document = world.provider.logoutResponse(
                    to: id, at: world.now, destination: SSOWorld.slo, status: status)
                let query = world.provider.query(document, .response, relayState: state)
                return await receive(world, .query(query), isRequest: false, relayState: state)
            }
            #expect(await answer(sent.id, sent.relayState) == .signedOut(nextIndex: next, isComplete: true))
            let partial = "urn:oasis:names:tc:SAML:2.0:status:Responder"
            #expect(
                await answer(sent.id, sent.relayState, partial) == .signedOut(nextIndex: next, isComplete: false))
            // Another place to go to than the one that was asked for.
            let changed = "7" + sent.relayState.dropFirst()
            #expect(await answer(sent.id, changed) == .refused(reason: "in-response-to-mismatch"))
            #expect(await answer("_other", sent.relayState) == .refused(reason: "in-response-to-mismatch"))
            #expect(await answer(sent.id, "x") == .refused(reason: "logout-unknown"))
        }
        #expect(world.sso.metrics.logoutsSent == 2)
    }

    @Test("a provider without single logout, another one by now, and a connection that uses none end a sign-out here")
    func none() async throws {
        let provider = try TestProvider()
        let world = try await SSOWorld()
        let session = try #require(try await world.answer().session)
        let origin = try #require(await world.sso.origin(of: session.handle, in: world.id))
        #expect(await world.sso.logout(origin, in: world.id, nextIndex: nil) != nil)
        world.settings.change { $0[0].usesSingleLogout = false }
        #expect(await world.sso.logout(origin, in: world.id, nextIndex: nil) == nil)
        #expect(await receive(world, request(world), isRequest: true) == .unknown)
        world.settings.change {
            $0[0].usesSingleLogout = true
            $0[0].metadata = .file(document: provider.metadata(logoutBinding: nil), path: "okta.xml")
        }
        #expect(await world.sso.logout(origin, in: world.id, nextIndex: nil) == nil)
        let other = SessionOrigin(
            connection: world.name, entityID: "https://other.example", subject: "x", format: "")
        world.settings.change { $0[0].metadata = .file(document: provider.metadata(), path: "okta.xml") }
        #expect(await world.sso.logout(other, in: world.id, nextIndex: nil) == nil)
        #expect(await world.sso.logout(origin, in: world.id, nextIndex: nil) != nil)
    }

    private func parts(of address: String) throws -> (document: String, id: String, relayState: String) {
        var fields: [String: String] = [:]
        for pair in address.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = Array(pair.dropFirst(name.utf8.count + 1).utf8)
            fields[String(name)] = PercentEncoding.decoded(value[...]).map { String(decoding: $0, as: UTF8.self) }
        }
        let packed = try #require(Base64.decode((fields["SAMLRequest"] ?? "").utf8, alphabet: .standard))
        let document = String(decoding: try Deflate.inflate(packed), as: UTF8.self)
        let id = try #require(document.split(separator: "\"").first { $0.hasPrefix("_") })
        return (document, String(id), try #require(fields["RelayState"]))
    }
}
