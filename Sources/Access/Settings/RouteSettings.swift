public import Core

/// One entry of `routes`: a host and path pattern with a rule and an upstream.
public struct RouteSettings: Sendable, Hashable {
    public var name: String
    /// `match.host`: an exact host, `*.example.org` for every host below it (any depth, not itself), or
    /// `*` for every host that is known.  Lower-case.
    public var host: String
    /// `match.path`: matched by whole segments; `/admin/` also matches `/admin`.  Percent-decoded.
    public var path: String
    /// `case_sensitive`: otherwise matching ignores ASCII case.
    public var isCaseSensitive: Bool
    /// `methods`: nil allows every method but TRACE and CONNECT.
    public var methods: MethodSet?
    public var access: AccessRule
    /// The upstream's position in `ProxySettings.upstreams`.
    public var upstream: Int
    public var allowances: PathAllowances
    /// `shared_cache: true`: the upstream's cache rules stay as they are.
    public var allowsSharedCache: Bool
    /// `upgrades`: the protocols that a request may switch to.
    public var upgrades: UpgradeProtocols
    /// What is changed on the way, both ways.
    public var handling: RouteHandling
    /// `cross_origin`: nil leaves the protocol to the application.
    public var crossOrigin: CrossOriginSettings?

    public init(
        name: String, host: String, path: String = "/", isCaseSensitive: Bool = false, methods: MethodSet? = nil,
        access: AccessRule = .authenticated, upstream: Int = 0, allowances: PathAllowances = [],
        allowsSharedCache: Bool = false, upgrades: UpgradeProtocols = [], handling: RouteHandling = RouteHandling(),
        crossOrigin: CrossOriginSettings? = nil
    ) {
        self.name = name
        self.host = host
        self.path = path
        self.isCaseSensitive = isCaseSensitive
        self.methods = methods
        self.access = access
        self.upstream = upstream
        self.allowances = allowances
        self.allowsSharedCache = allowsSharedCache
        self.upgrades = upgrades
        self.handling = handling
        self.crossOrigin = crossOrigin
    }
}

/// Protocols that a connection may go on with in place of HTTP (RFC 9110 §7.8).
public struct UpgradeProtocols: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 6455.
    public static let webSocket = Self(rawValue: 1)
}

/// A route's `access`.
public enum AccessRule: Sendable, Hashable {
    /// Forwarded to everybody, never with an identity.
    case `public`
    /// Forwarded to everybody, with the identity of whoever is signed in.
    case optional
    /// Any member.
    case authenticated
    /// A member who meets every requirement.
    case restricted(Requirements)

    /// The mapping form of `access`: what is given must hold, all of it.
    public struct Requirements: Sendable, Hashable {
        /// `roles`: one of these catalogue roles; empty asks for none.
        public var roles: [RoleName]
        /// `mfa.within`: a second factor proved at most so long ago; nil asks for none.
        public var secondFactorWithin: Milliseconds?
        /// `networks`: the client's address lies in one of these; empty allows all.
        public var networks: [AddressRange]

        public init(
            roles: [RoleName] = [], secondFactorWithin: Milliseconds? = nil, networks: [AddressRange] = []
        ) {
            self.roles = roles
            self.secondFactorWithin = secondFactorWithin
            self.networks = networks
        }
    }
}

/// The path forms that a route allows: `path_parameters`, `encoded_slash`, `empty_segments`.
public typealias PathAllowances = PathForms
