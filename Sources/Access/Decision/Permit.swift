public import Core

/// The proof that a request may be forwarded, and all that forwarding needs to know of the decision.
///
/// Only `Gate` makes one, and nobody can copy it: what is forwarded was permitted, once.  A request that
/// had to wait for a session has none and is decided anew.
public struct Permit: ~Copyable, Sendable {
    /// The route that matched, by its position in the file.
    public let routeIndex: Int
    /// The route's upstream, by its position in `ProxySettings.upstreams`.
    public let upstreamIndex: Int
    /// The generation of the snapshot that decided.
    public let generation: UInt64
    /// Whose tenant: the session's, or the host's where nobody is signed in; nil on a shared host then.
    public let tenantIndex: Int?
    /// The session whose identity is forwarded; nil where none is.
    public let session: SessionReference?
    /// The slot of the session's entry in the loop's table, and the version of what it holds; -1 without a session.
    public let sessionSlot: Int
    public let sessionVersion: UInt32
    /// The identity header lines, each ended by CRLF; empty where no identity is forwarded.
    public let identity: [UInt8]
    public let cachePolicy: CachePolicy
    /// The path forms that the route allows; what is forwarded uses no other.
    public let allowances: PathForms
    /// Why a session cookie that came counts as none, for the log; nil where it counts or none came.
    public let notedSessionReason: ReasonCode?
    /// The position of the request's origin in the route's `cross_origin.origins`; nil where it is none of them.
    public let originIndex: Int?

    init(
        routeIndex: Int, route: CompiledRoute, generation: UInt64, tenantIndex: Int?, session: SessionReference?,
        sessionSlot: Int, sessionVersion: UInt32, identity: [UInt8], notedSessionReason: ReasonCode?,
        originIndex: Int?
    ) {
        self.routeIndex = routeIndex
        self.upstreamIndex = route.upstream
        self.generation = generation
        self.tenantIndex = tenantIndex
        self.session = session
        self.sessionSlot = sessionSlot
        self.sessionVersion = sessionVersion
        self.identity = identity
        self.cachePolicy = route.cachePolicy
        self.allowances = route.allowances
        self.notedSessionReason = notedSessionReason
        self.originIndex = originIndex
    }
}

/// Which session an exchange runs under, whose it is and when it ends: enough to find the exchange when its session ends,
/// also where the loop's table has let the session go.
public struct SessionReference: Sendable, Hashable {
    public let handle: SessionHandle
    public let tenant: TenantID
    public let user: UserID
    /// When it ends at the latest.
    public let endsAt: MonotonicInstant
    /// The revocation epoch that it was loaded with.
    public let epoch: UInt64

    init(_ entry: SessionEntry) {
        handle = entry.handle
        tenant = entry.tenant
        user = entry.user
        endsAt = entry.absoluteDeadline
        epoch = entry.epoch
    }

    /// Whether the session is one of those that are meant.
    public func isMeant(by selection: SessionSelection) -> Bool {
        switch selection {
        case .handle(let meant): handle == meant
        case .user(let meant, let owner): user == meant && tenant == owner
        case .tenant(let meant): tenant == meant
        }
    }
}
