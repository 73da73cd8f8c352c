import Access
import Core
import Testing

/// A small configuration with safe defaults and one good request; a test changes only what it is about.
///
/// Hosts: `acme.example.org` and `www.acme.example` of tenant acme, `globex.example.org` of globex,
/// `app.example.org` (public_url) and `shared.example.org` shared.
struct AccessWorld {
    var settings: AccessSettings
    var facts = RequestFacts()
    var sessions = SessionTable(bound: 16, unknownBound: 4)
    var now = MonotonicInstant(milliseconds: 1_000_000)
    static let key = SessionKey(1, 2, 3, 4)

    init(routes: [RouteSettings]? = nil) {
        settings = AccessSettings(
            publicHost: "app.example.org", publicPort: 8443, sharedHosts: ["shared.example.org"],
            routes: routes ?? [
                RouteSettings(name: "assets", host: "*", path: "/assets/", access: .public, upstream: 1),
                RouteSettings(name: "news", host: "*", path: "/news/", access: .optional),
                RouteSettings(
                    name: "admin", host: "*", path: "/admin/", methods: MethodSet([.get, .post]),
                    access: .restricted(.init(roles: [.admin]))),
                RouteSettings(
                    name: "vault", host: "*", path: "/vault/",
                    access: .restricted(.init(secondFactorWithin: .minutes(5)))),
                RouteSettings(
                    name: "office", host: "*", path: "/office/",
                    access: .restricted(.init(networks: [.office]))),
                RouteSettings(name: "app", host: "*", path: "/", access: .authenticated),
            ],
            tenants: [
                TenantSettings(id: .acme, name: "Acme", hosts: ["acme.example.org", "www.acme.example"]),
                TenantSettings(id: .globex, name: "Globex", hosts: ["globex.example.org"]),
            ])
        ask("/")
    }

    /// The request's path, and its host where that matters.
    mutating func ask(_ path: String, host: String = "acme.example.org") {
        let hostReason = facts.host.read(Array(host.utf8).span)
        let pathReason = facts.path.read(Array(path.utf8).span)
        #expect(hostReason == nil && pathReason == nil, "\(host) \(path)")
    }

    /// Signs a member in and sends their cookie.
    mutating func signIn(
        tenant: TenantID = .acme, roles: [RoleName] = [.user], factors: [Factor] = [.password],
        provedAgo: Milliseconds = Milliseconds(0), key: SessionKey = Self.key
    ) {
        let then = MonotonicInstant(milliseconds: now.milliseconds - provedAgo.count)
        sessions.insert(
            .sample(tenant: tenant, roles: roles, assurance: Assurance(factors, at: then), lastUse: now), for: key)
        facts.sessionKey = key
    }

    /// The request looks like a page load in a browser.
    mutating func navigate() {
        facts.fetchSite = .none
        facts.fetchMode = .navigate
        facts.fetchDestination = .document
        facts.acceptsHTML = true
    }

    /// Decides, under the settings as they are now.
    mutating func decide(generation: UInt64 = 1, countsAsUse: Bool = true) throws -> Outcome {
        let snapshot = try AccessSnapshot(settings, generation: generation)
        return Outcome(
            Gate.decide(facts, snapshot: snapshot, sessions: &sessions, now: now, countsAsUse: countsAsUse), snapshot)
    }

    /// The reason of the refusal; nil where it was none.
    mutating func reason() throws -> ReasonCode? { try decide().refusal?.reason }
}

/// A decision that can be copied and compared.
enum Outcome: Equatable {
    struct Forward: Equatable {
        var route: String
        var upstream: Int
        var tenant: TenantID?
        var session: String?
        var identity: String
        var cachePolicy: CachePolicy
        var noted: ReasonCode?
        var origin: Int?
    }

    case forward(Forward)
    case portal(PortalCall)
    case preflight(Preflight)
    case refuse(Refusal)
    case load(SessionKey)

    init(_ decision: consuming Decision, _ snapshot: AccessSnapshot) {
        switch consume decision {
        case .forward(let permit):
            self = .forward(
                Forward(
                    route: snapshot.routeName(at: permit.routeIndex), upstream: permit.upstreamIndex,
                    tenant: permit.tenantIndex.map(snapshot.tenantID(at:)),
                    session: permit.session?.handle.description,
                    identity: String(decoding: permit.identity, as: UTF8.self), cachePolicy: permit.cachePolicy,
                    noted: permit.notedSessionReason, origin: permit.originIndex))
        case .portal(let call): self = .portal(call)
        case .preflight(let preflight): self = .preflight(preflight)
        case .refuse(let refusal): self = .refuse(refusal)
        case .load(let key): self = .load(key)
        }
    }

    var forward: Forward? { if case .forward(let forward) = self { forward } else { nil } }
    var refusal: Refusal? { if case .refuse(let refusal) = self { refusal } else { nil } }
    var portal: PortalCall? { if case .portal(let call) = self { call } else { nil } }
}

extension SessionEntry {
    /// A session of a member, with everything that a test does not care about filled in.
    static func sample(
        handle: String = "s-1", tenant: TenantID = .acme, user: UserID = UserID(high: 1, low: 2),
        externalID: String? = nil, email: String = "mia@acme.example", name: String = "Mia",
        roles: [RoleName] = [.user],
        assurance: Assurance = Assurance(), lastUse: MonotonicInstant = MonotonicInstant(milliseconds: 1_000_000),
        idleLimit: Milliseconds = .minutes(30), lasts: Milliseconds = .hours(12)
    ) -> SessionEntry {
        SessionEntry(
            handle: SessionHandle(handle)!, tenant: tenant, user: user, externalID: externalID, email: email,
            name: name,
            roles: roles, assurance: assurance, lastUse: lastUse, idleLimit: idleLimit,
            absoluteDeadline: lastUse.advanced(by: lasts), epoch: 7)
    }
}

extension TenantID {
    static let acme = TenantID("acme")!
    static let globex = TenantID("globex")!
}

extension RoleName {
    static let user = RoleName("user")!
    static let admin = RoleName("admin")!
}

extension AddressRange {
    static let office = AddressRange("192.0.2.0/24")!
}

/// SplitMix64: random enough for tests, and the same on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
