import Core

/// Turns settings into the tables of an `AccessSnapshot`.
struct SnapshotCompiler {
    private(set) var hosts: [CanonicalHost: HostEntry] = [:]
    private(set) var buckets: [Range<Int>] = []
    private(set) var probes: [RouteProbe] = []
    private(set) var routes: [CompiledRoute] = []
    private(set) var stems: [UInt8] = []
    private(set) var reserved: [PrefixRewrite.Reserved] = []
    private(set) var origins: [[UInt8]] = []
    private(set) var networks: [AddressRange] = []
    private(set) var tenants: [CompiledTenant] = []
    private(set) var tenantIndices: [TenantID: Int] = [:]
    private(set) var roleBits: [RoleName: UInt8] = [:]

    private var hostPatterns: [HostPattern] = []
    private var stemOfRoute: [[UInt8]] = []
    private var nextHost: Int32 = 0
    /// Hosts with the same candidates share one row of buckets: a hundred tenants read the same memory.
    private var rowOfCandidates: [[Int]: Int] = [:]

    /// The most roles that routes may name, one bit each.
    static let mostRoles = 64

    mutating func compile(_ settings: AccessSettings) throws(AccessSettingsFault) {
        guard settings.routes.count <= Int(UInt16.max) else { throw .tooManyRoutes(settings.routes.count) }
        try numberRoles(settings)
        for route in settings.routes { try add(route) }
        for (index, tenant) in settings.tenants.enumerated() { try add(tenant, at: index, settings) }
        for host in Set([settings.publicHost] + settings.sharedHosts) { try add(host: host, tenant: -1) }
        if let portal = settings.portalHost { try add(portal: portal) }
    }

    private mutating func numberRoles(_ settings: AccessSettings) throws(AccessSettingsFault) {
        let catalogue = Set(settings.roles.map(\.name))
        for route in settings.routes {
            guard case .restricted(let requirements) = route.access else { continue }
            for role in requirements.roles {
                guard catalogue.contains(role) else { throw .roleUnknown(route: route.name, role: role.text) }
                if roleBits[role] == nil { roleBits[role] = UInt8(clamping: roleBits.count) }
            }
        }
        guard roleBits.count <= Self.mostRoles else { throw .tooManyRoles(roleBits.count) }
        for tenant in settings.tenants {
            for role in tenant.ownRoles where catalogue.contains(role) {
                throw .roleShadowed(tenant: tenant.id.text, role: role.text)
            }
        }
    }

    private mutating func add(_ route: RouteSettings) throws(AccessSettingsFault) {
        guard let host = HostPattern(route.host) else {
            throw .patternMalformed(route: route.name, host: route.host)
        }
        guard let path = PathPattern(route.path, isCaseSensitive: route.isCaseSensitive) else {
            throw .pathMalformed(route: route.name, path: route.path)
        }
        let stem = stems.count..<(stems.count + path.stem.count)
        stems += path.stem
        hostPatterns.append(host)
        stemOfRoute.append(path.stem)
        var compiled = CompiledRoute(
            stem: stem, isExact: path.isExact, isCaseSensitive: path.isCaseSensitive,
            methods: route.methods ?? .forwardable, rule: .member, roleMask: 0, secondFactorWithin: nil,
            networks: 0..<0, upstream: route.upstream, allowances: route.allowances,
            cachePolicy: route.allowsSharedCache ? .asUpstreamSays : .privateOnly, upgrades: route.upgrades,
            reserved: try reserve(route, path), origins: origins.count..<origins.count, originMethods: MethodSet([]))
        if let crossOrigin = route.crossOrigin {
            origins += crossOrigin.origins.map { Array($0.utf8) }
            compiled.origins = compiled.origins.lowerBound..<origins.count
            if crossOrigin.allowsCredentials { compiled.originMethods = crossOrigin.methods }
        }
        switch route.access {
        case .public:
            compiled.rule = .public
            compiled.cachePolicy = .asUpstreamSays
        case .optional: compiled.rule = .optional
        case .authenticated: break
        case .restricted(let requirements):
            for role in requirements.roles { compiled.roleMask |= 1 << UInt64(roleBits[role] ?? 0) }
            compiled.secondFactorWithin = requirements.secondFactorWithin
            compiled.networks = add(requirements.networks)
        }
        routes.append(compiled)
    }

    private mutating func reserve(
        _ route: RouteSettings, _ path: PathPattern
    ) throws(AccessSettingsFault) -> Range<Int> {
        guard let replacement = route.handling.prefixRewrite else { return 0..<0 }
        guard PrefixRewrite.isAllowed(replacement), !path.isExact, !route.allowances.contains(.emptySegments) else {
            throw .rewriteMalformed(route: route.name, replacement: replacement)
        }
        let start = reserved.count
        for found in PrefixRewrite.reserved(stem: path.stem, replacement: replacement) {
            let stem = stems.count..<(stems.count + found.stem.count)
            stems += found.stem
            reserved.append(PrefixRewrite.Reserved(stem: stem, isExact: found.isExact))
        }
        return start..<reserved.count
    }

    private mutating func add(
        _ tenant: TenantSettings, at index: Int, _ settings: AccessSettings
    ) throws(AccessSettingsFault) {
        guard tenantIndices.updateValue(index, forKey: tenant.id) == nil else {
            throw .tenantRepeated(tenant.id.text)
        }
        tenants.append(CompiledTenant(isSuspended: tenant.isSuspended, networks: add(tenant.allowedNetworks)))
        for host in tenant.hosts { try add(host: host, tenant: Int32(index)) }
    }

    private mutating func add(_ ranges: [AddressRange]) -> Range<Int> {
        let start = networks.count
        networks += ranges
        return start..<networks.count
    }

    private mutating func add(host text: String, tenant: Int32) throws(AccessSettingsFault) {
        guard let host = CanonicalHost(text) else { throw .hostMalformed(text) }
        let candidates = hostPatterns.indices.filter { hostPatterns[$0].matches(host) }
        let entry = HostEntry(tenant: tenant, buckets: row(of: candidates), index: nextHost)
        nextHost += 1
        if let earlier = hosts.updateValue(entry, forKey: host), earlier.tenant >= 0 || tenant >= 0 {
            throw .hostRepeated(host.text)
        }
    }

    /// The portal's own host: no route matches there, whatever its pattern.
    private mutating func add(portal text: String) throws(AccessSettingsFault) {
        guard let host = CanonicalHost(text) else { throw .hostMalformed(text) }
        let entry = HostEntry(tenant: -1, buckets: row(of: []), index: nextHost, isPortal: true)
        nextHost += 1
        guard hosts.updateValue(entry, forKey: host) == nil else { throw .hostRepeated(host.text) }
    }

    /// The position of the first bucket of these candidates.
    private mutating func row(of candidates: [Int]) -> Int {
        if let row = rowOfCandidates[candidates] { return row }
        let row = buckets.count
        let all = candidates.map { RouteProbe(stem: stemOfRoute[$0], route: $0) }
        for bucket in 0..<RouteBucket.count {
            let start = probes.count
            probes += all.filter { $0.mask == 0 || RouteBucket.of(head: $0.head) == bucket }
            buckets.append(start..<probes.count)
        }
        rowOfCandidates[candidates] = row
        return row
    }
}
