import Access
import Core
import Testing

/// The table "What a request meets" of the contract.
@Suite("Refusal forms")
struct RefusalFormTests {
    private func refusal(
        _ path: String = "/", signedIn: Bool = false, _ change: (inout RequestFacts) -> Void
    ) throws -> Refusal {
        var world = AccessWorld()
        world.ask(path)
        if signedIn { world.signIn() }
        change(&world.facts)
        return try #require(try world.decide().refusal)
    }

    private func navigate(_ facts: inout RequestFacts) {
        facts.fetchSite = .none
        facts.fetchMode = .navigate
        facts.fetchDestination = .document
    }

    @Test("a page load without a session is sent to login: 302 after GET and HEAD, 303 after others")
    func login() throws {
        for (method, status) in [(Method.get, UInt16(302)), (.head, 302), (.post, 303), (.put, 303)] {
            let refusal = try refusal {
                navigate(&$0)
                $0.method = method
            }
            #expect(refusal.form == .redirectToLogin(status: status))
            #expect(refusal.status == status)
            #expect(refusal.reason == .loginRequired)
        }
    }

    @Test("where no Fetch Metadata is sent, Accept decides; where some is, it does not")
    func accept() throws {
        #expect(try refusal { $0.acceptsHTML = true }.form == .redirectToLogin(status: 302))
        let script = try refusal {
            $0.acceptsHTML = true
            $0.fetchSite = .sameOrigin
            $0.fetchMode = .other
            $0.fetchDestination = .other
        }
        #expect(script.form == .problem)
        #expect(script.status == 401)
    }

    @Test("anything else gets a problem")
    func problem() throws {
        let refusal = try refusal { _ in }
        #expect(refusal.form == .problem)
        #expect(refusal.status == 401)
        let handshake = try self.refusal {
            $0.acceptsHTML = true
            $0.isUpgrade = true
        }
        #expect(handshake.form == .problem)
    }

    @Test("a frame gets a 401 page, never a login form")
    func frame() throws {
        let refusal = try refusal {
            navigate(&$0)
            $0.fetchDestination = .frame
        }
        #expect(refusal.form == .loginFrame)
        #expect(refusal.status == 401)
    }

    @Test("a missing factor leads to the step-up page, or to a problem")
    func stepUp() throws {
        #expect(try refusal("/vault/", signedIn: true) { navigate(&$0) }.form == .redirectToStepUp(status: 302))
        let program = try refusal("/vault/", signedIn: true) { _ in }
        #expect(program.form == .problem)
        #expect(program.status == 401)
    }

    @Test("other refusals are a page for people, a problem for programs")
    func plain() throws {
        let page = try refusal("/admin/", signedIn: true) { navigate(&$0) }
        #expect(page.form == .page)
        #expect(page.status == 403)
        #expect(try refusal("/admin/", signedIn: true) { _ in }.form == .problem)
        #expect(Refusal.beforeDecision(.pathMalformed, facts: RequestFacts()).status == 400)
    }

    @Test("a gRPC call is told in gRPC's words, whatever it lacks")
    func grpc() throws {
        for (path, signedIn, reason) in [
            ("/", false, ReasonCode.loginRequired), ("/vault/", true, .mfaRequired), ("/admin/", true, .roleMissing),
        ] {
            let refusal = try refusal(path, signedIn: signedIn) {
                $0.method = .post
                $0.isGRPC = true
            }
            #expect(refusal.form == .grpc && refusal.reason == reason)
            #expect(refusal.status == 200)
        }
    }

    @Test(
        "gRPC's code is the one that its libraries make of the status",
        arguments: [
            (ReasonCode.loginRequired, 16), (.roleMissing, 7), (.routeMissing, 12), (.bodyTooLarge, 8),
            (.overloaded, 14), (.upstreamUnreachable, 14), (.pathMalformed, 13), (.methodNotAllowed, 2),
        ])
    func grpcCode(reason: ReasonCode, code: Int) {
        var bytes: [UInt8] = []
        GRPCStatus.append(reason, to: &bytes)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "Grpc-Status: \(code)")
        #expect(lines[1].hasPrefix("Grpc-Message: \(reason.code): ") && lines[2].isEmpty && lines.count == 3)
        #expect(bytes.allSatisfy { $0 == 13 || $0 == 10 || (0x20...0x7E).contains($0) })
    }

    @Test("a refusal names its route and tenant, for the log")
    func context() throws {
        let refusal = try refusal("/admin/", signedIn: true) { _ in }
        #expect(refusal.routeIndex == 2)
        #expect(refusal.tenantIndex == 0)
    }
}
