import Access
import Core
import Testing

/// Steps 7 to 12 of a decision: session, origin, network, rule, factors, roles.
@Suite("Gate: who, and may they")
struct GateWhoTests {
    @Test("a member reaches an authenticated route with their identity; nobody else does")
    func authenticated() throws {
        var world = AccessWorld()
        #expect(try world.reason() == .loginRequired)
        world.signIn()
        let forward = try world.decide().forward
        #expect(forward?.route == "app")
        #expect(forward?.tenant == .acme)
        #expect(forward?.session == "s-1")
        #expect(forward?.identity.contains("X-Tenant-ID: acme\r\n") == true)
        #expect(forward?.noted == nil)
    }

    @Test("an optional route forwards everybody, members with their identity")
    func optional() throws {
        var world = AccessWorld()
        world.ask("/news/")
        #expect(try world.decide().forward?.identity == "")
        world.signIn()
        #expect(try world.decide().forward?.identity.contains("X-User-Email: mia@acme.example\r\n") == true)
    }

    @Test("a session that is not known here is loaded first")
    func unasked() throws {
        var world = AccessWorld()
        world.facts.sessionKey = AccessWorld.key
        #expect(try world.decide() == .load(AccessWorld.key))
        world.ask("/news/")
        #expect(try world.decide() == .load(AccessWorld.key))
    }

    @Test("a token of no session is remembered as session-unknown, for ten seconds")
    func unknown() throws {
        var world = AccessWorld()
        world.facts.sessionKey = AccessWorld.key
        world.sessions.noteMissing(AccessWorld.key, now: world.now)
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .sessionUnknown)
        world.ask("/news/")
        let forward = try world.decide().forward
        #expect(forward?.identity == "")
        #expect(forward?.noted == .sessionUnknown)
        world.now = world.now.advanced(by: Milliseconds(9_999))
        #expect(try world.decide().forward != nil)
        world.now = world.now.advanced(by: Milliseconds(1))
        #expect(try world.decide() == .load(AccessWorld.key))
    }

    @Test("two session cookies count as none")
    func cookieRepeated() throws {
        var world = AccessWorld()
        world.signIn()
        #expect(try world.decide().forward != nil)
        world.facts.isSessionCookieRepeated = true
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .cookieRepeated)
    }

    @Test("a session past its absolute limit is session-expired, however busy it was")
    func absolute() throws {
        var world = AccessWorld()
        world.signIn()
        let start = world.now
        for _ in 0..<24 {
            #expect(try world.decide().forward != nil)
            world.now = world.now.advanced(by: .minutes(29))
        }
        #expect(try world.decide().forward != nil)
        world.now = MonotonicInstant(milliseconds: start.milliseconds + 12 * 3_600_000 - 1)
        #expect(try world.decide().forward != nil)
        world.now = start.advanced(by: .hours(12))
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .sessionExpired)
        #expect(world.sessions.count == 0)
    }

    @Test("a session that looks idle is asked of the store before it is refused; use keeps it awake")
    func idle() throws {
        var world = AccessWorld()
        world.signIn()
        world.now = world.now.advanced(by: Milliseconds(30 * 60_000 - 1))
        #expect(try world.decide().forward != nil)
        world.now = world.now.advanced(by: Milliseconds(30 * 60_000 - 1))
        #expect(try world.decide().forward != nil)
        world.now = world.now.advanced(by: .minutes(30))
        #expect(try world.decide() == .load(AccessWorld.key))
        world.sessions.noteMissing(AccessWorld.key, now: world.now)
        #expect(try world.decide().refusal?.notedSessionReason == .sessionExpired)
    }

    @Test("another tenant's session counts as none on a tenant's host")
    func wrongTenant() throws {
        var world = AccessWorld()
        world.signIn(tenant: .globex)
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .sessionWrongTenant)
        world.ask("/news/")
        #expect(try world.decide().forward?.identity == "")
        world.ask("/", host: "globex.example.org")
        #expect(try world.decide().forward?.tenant == .globex)
    }

    @Test("on a shared host the session names the tenant")
    func sharedHost() throws {
        var world = AccessWorld()
        world.ask("/", host: "shared.example.org")
        world.signIn(tenant: .globex)
        #expect(try world.decide().forward?.tenant == .globex)
        world.facts.sessionKey = nil
        #expect(try world.decide().refusal?.tenantIndex == nil)
    }

    @Test("a session of a tenant that is gone counts as none")
    func goneTenant() throws {
        var world = AccessWorld()
        world.ask("/", host: "shared.example.org")
        world.signIn(tenant: .globex)
        #expect(try world.decide().forward != nil)
        world.settings.tenants.removeLast()
        let refusal = try world.decide(generation: 2).refusal
        #expect(refusal?.reason == .loginRequired)
        #expect(refusal?.notedSessionReason == .sessionUnknown)
    }

    @Test("a reload that moves tenants and roles keeps each session's own")
    func reload() throws {
        var world = AccessWorld()
        world.ask("/admin/", host: "globex.example.org")
        world.signIn(tenant: .globex, roles: [.admin])
        #expect(try world.decide().forward?.tenant == .globex)
        world.settings.tenants.swapAt(0, 1)
        let auditor = RoleName("auditor")!
        world.settings.roles.append(RoleSettings(name: auditor))
        world.settings.routes.insert(
            RouteSettings(name: "audit", host: "*", path: "/audit/", access: .restricted(.init(roles: [auditor]))),
            at: 0)
        #expect(try world.decide(generation: 2).forward?.tenant == .globex)
        world.ask("/audit/", host: "globex.example.org")
        #expect(try world.decide(generation: 2).refusal?.reason == .roleMissing)
    }

    @Test("the tenant's and the route's networks must hold the client, else network-refused")
    func networks() throws {
        for path in ["/office/", "/"] {
            var world = AccessWorld()
            world.ask(path)
            world.signIn()
            if path == "/" { world.settings.tenants[0].allowedNetworks = [.office] }
            world.facts.client = ClientAddress("192.0.2.77")!
            #expect(try world.decide().forward != nil)
            world.facts.client = ClientAddress("198.51.100.77")!
            #expect(try world.reason() == .networkRefused)
            world.facts.sessionKey = nil
            #expect(try world.reason() == .networkRefused)
        }
    }

    @Test("a role that a route asks for must be there, else role-missing")
    func roles() throws {
        var world = AccessWorld()
        world.ask("/admin/users")
        #expect(try world.reason() == .loginRequired)
        world.signIn(roles: [.user])
        #expect(try world.reason() == .roleMissing)
        world.signIn(roles: [.user, .admin])
        #expect(try world.decide().forward?.route == "admin")
        world.signIn(roles: [])
        #expect(try world.reason() == .roleMissing)
    }

    @Test("a factor that is missing or too old is mfa-required, with the age that would do")
    func factorAge() throws {
        var world = AccessWorld()
        world.ask("/vault/")
        world.signIn(factors: [.password])
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .mfaRequired)
        #expect(refusal?.maximumAge == .minutes(5))
        world.signIn(factors: [.password, .totp], provedAgo: Milliseconds(300_001))
        #expect(try world.reason() == .mfaRequired)
        for factor in [Factor.totp, .passkey, .recoveryCode] {
            world.signIn(factors: [factor], provedAgo: Milliseconds(300_000))
            #expect(try world.decide().forward != nil)
        }
        world.signIn(factors: [.sso])
        #expect(try world.reason() == .mfaRequired)
    }

    @Test("a tenant that requires a second factor forwards nobody without one")
    func tenantFactor() throws {
        var world = AccessWorld()
        world.settings.tenants[0].secondFactor = .required
        world.signIn()
        let refusal = try world.decide().refusal
        #expect(refusal?.reason == .mfaRequired)
        #expect(refusal?.maximumAge == nil)
        world.ask("/news/")
        #expect(try world.decide().forward?.identity == "")
        world.ask("/")
        world.signIn(factors: [.password, .totp], provedAgo: .seconds(900))
        #expect(try world.decide().forward != nil)
    }

    @Test("a tenant may require it of some roles alone")
    func tenantFactorForRoles() throws {
        var world = AccessWorld()
        world.settings.tenants[0].secondFactor = .requiredForRoles([.admin])
        world.signIn(roles: [.user])
        #expect(try world.decide().forward != nil)
        world.signIn(roles: [.user, .admin])
        #expect(try world.reason() == .mfaRequired)
        world.settings.tenants[0].secondFactor = .optional
        #expect(try world.decide(generation: 2).forward != nil)
    }
}
