public import Core

/// One generation of the access configuration, compiled for decisions.
///
/// It never changes, so that it is a value all the same.  It is an object because every request is handed it: a structure
/// of so many tables would have the count of each of them raised and lowered, which all loops share.
public final class AccessSnapshot: Sendable {
    /// Counts reloads; sessions are bound to it anew when it changes.
    public let generation: UInt64
    /// The settings that it was compiled from, for names in logs and explanations.
    public let settings: AccessSettings

    let hosts: [CanonicalHost: HostEntry]
    /// `RouteBucket.count` ranges of `probes` for each distinct row of candidates.
    let buckets: [Range<Int>]
    let probes: [RouteProbe]
    let routes: [CompiledRoute]
    let stems: [UInt8]
    let reserved: [PrefixRewrite.Reserved]
    /// The listed origins of all routes, as browsers write them.
    let origins: [[UInt8]]
    let networks: [AddressRange]
    let tenants: [CompiledTenant]
    let tenantIndices: [TenantID: Int]
    /// The bit of each role that a route names.
    let roleBits: [RoleName: UInt8]

    /// Compiles settings.
    ///
    /// - Throws: `AccessSettingsFault`, where they contradict themselves.
    public init(_ settings: AccessSettings, generation: UInt64) throws(AccessSettingsFault) {
        var compiler = SnapshotCompiler()
        try compiler.compile(settings)
        self.settings = settings
        self.generation = generation
        hosts = compiler.hosts
        buckets = compiler.buckets
        probes = compiler.probes
        routes = compiler.routes
        stems = compiler.stems
        reserved = compiler.reserved
        origins = compiler.origins
        networks = compiler.networks
        tenants = compiler.tenants
        tenantIndices = compiler.tenantIndices
        roleBits = compiler.roleBits
    }

    /// `identity_headers.encoding`.
    public var identityEncoding: IdentityEncoding { settings.identityEncoding }

    /// How many routes there are; a route's index is its position in the file.
    public var routeCount: Int { routes.count }

    /// The name of a route.
    public func routeName(at index: Int) -> String { settings.routes[index].name }

    /// The id of a tenant, by the index that decisions carry.
    public func tenantID(at index: Int) -> TenantID { settings.tenants[index].id }

    /// The index of a tenant; nil where there is none of this id.
    public func tenantIndex(of id: TenantID) -> Int? { tenantIndices[id] }

    /// True for the host of `public_url`, a shared host or a tenant's host.
    public func knows(_ host: CanonicalHost) -> Bool { hosts[host] != nil }

    /// What tells a host from the others; nil where it is none of ours.
    func hostIndex(of host: String) -> Int32? { CanonicalHost(host).flatMap { hosts[$0]?.index } }
}

extension AccessSnapshot {
    /// The first route, in the order of the file, that matches the path on this host under one reading.
    func route(on host: HostEntry, for path: CanonicalPath, reading: CanonicalPath.Reading) -> Int? {
        let head = path.head(reading)
        let stems = stems
        for position in buckets[host.buckets + RouteBucket.of(head: head)] {
            let probe = probes[position]
            guard probe.fits(head) else { continue }
            let route = routes[Int(probe.route)]
            let isMatch = path.lies(
                at: stems.span.extracting(route.stem), isExact: route.isExact, isCaseSensitive: route.isCaseSensitive,
                reading: reading)
            if isMatch { return Int(probe.route) }
        }
        return nil
    }

    /// The position of an origin in its route's list; nil where it is none of them.
    func origin(_ text: [UInt8], in range: Range<Int>) -> Int? {
        guard !text.isEmpty else { return nil }
        for index in range where origins[index] == text { return index - range.lowerBound }
        return nil
    }

    /// True where one of these paths, which a route would turn into ours, is meant.
    func meets(_ range: Range<Int>, _ path: CanonicalPath) -> Bool {
        let stems = stems
        for index in range {
            let (stem, isExact) = (reserved[index].stem, reserved[index].isExact)
            if path.lies(at: stems.span.extracting(stem), isExact: isExact, isCaseSensitive: false) { return true }
        }
        return false
    }

    /// True where `range` is empty or one of its networks holds the address.
    func admits(_ client: ClientAddress, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return true }
        for index in range where networks[index].contains(client) { return true }
        return false
    }

    /// The bits of those of `roles` that routes name.
    func roleMask(of roles: [RoleName]) -> UInt64 {
        roles.reduce(0) { mask, role in roleBits[role].map { mask | 1 << UInt64($0) } ?? mask }
    }

    /// True where the tenant's `mfa` key asks a member with these roles for a second factor.
    func asksSecondFactor(tenantAt index: Int, roles: [RoleName]) -> Bool {
        switch settings.tenants[index].secondFactor {
        case .none, .optional: false
        case .required: true
        case .requiredForRoles(let asked): asked.contains { roles.contains($0) }
        }
    }
}
