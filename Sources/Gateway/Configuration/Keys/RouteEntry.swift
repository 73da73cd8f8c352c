import Access
import Core

/// One entry of `routes` as written.
struct RouteEntry: Sendable {
    /// Where the entry begins.
    let place: Located<Void>
    let name: Located<String>
    let host: Located<String>
    let path: String
    let isCaseSensitive: Bool
    let methods: [Core.Method]?
    let access: AccessEntry
    let upstream: Located<String>
    let allowances: PathAllowances
    let allowsSharedCache: Bool
    let upgrades: UpgradeProtocols
    let handling: RouteHandlingEntry

    /// The settings, once the upstream has its position and header values are read.
    func settings(upstream: Int, handling: RouteHandling) -> RouteSettings {
        RouteSettings(
            name: name.value, host: host.value, path: path, isCaseSensitive: isCaseSensitive,
            methods: methods.map(MethodSet.init), access: access.rule, upstream: upstream, allowances: allowances,
            allowsSharedCache: allowsSharedCache, upgrades: upgrades, handling: handling,
            crossOrigin: self.handling.crossOrigin)
    }

    /// A protocol that a request may switch to.
    enum Upgrade: String, Sendable, CaseIterable {
        case websocket

        var protocols: UpgradeProtocols {
            switch self {
            case .websocket: .webSocket
            }
        }
    }

    /// Whether a path form that two parsers could read differently is forwarded.
    enum Allowance: String, Sendable, CaseIterable { case refuse, allow }

    static let nameKey = RequiredKey(
        "name", ValueType<String>.name(.identifier("a route's name")).located,
        "Its name in logs, metrics and explanations.")
    static let matchKey = RequiredKey("match", RouteEntry.matchType, "Which requests it is for.")
    static let caseSensitiveKey = DefaultedKey(
        "case_sensitive", ValueType<Bool>.boolean, default: "false",
        "Whether the path's case counts; else ASCII case is ignored.")
    static let methodsKey = OptionalKey(
        "methods", ValueType<[Core.Method]>.set(of: .method, count: 1...64),
        "The methods that it answers, others get 405; without the key all but TRACE and CONNECT.")
    static let accessKey = DefaultedKey(
        "access", AccessEntry.type, default: "authenticated", "Who may pass.")
    static let upstreamKey = RequiredKey(
        "upstream", ValueType<String>.name(.identifier("an upstream's name")).located, "Where to, a name of upstreams.")
    static let pathParametersKey = DefaultedKey(
        "path_parameters", ValueType<Allowance>.choice("an allowance"), default: "refuse",
        "Whether paths with ; are forwarded.")
    static let encodedSlashKey = DefaultedKey(
        "encoded_slash", ValueType<Allowance>.choice("an allowance"), default: "refuse",
        "Whether paths with %2F are forwarded.")
    static let emptySegmentsKey = DefaultedKey(
        "empty_segments", ValueType<Allowance>.choice("an allowance"), default: "refuse",
        "Whether paths with // are forwarded.")
    static let sharedCacheKey = DefaultedKey(
        "shared_cache", ValueType<Bool>.boolean, default: "false",
        "Whether the application's own cache rules stay, so that shared caches may keep answers.")
    static let upgradesKey = DefaultedKey(
        "upgrades", ValueType<[Upgrade]>.set(of: .choice("a protocol"), count: 0...1), default: "[]",
        "The protocols that a connection may switch to: websocket, or none.")

    static let hostKey = RequiredKey(
        "host", ValueType<String>.hostPattern.located,
        "A host, *.HOST for every host below it, or * for every known host.")
    static let pathKey = DefaultedKey(
        "path", ValueType<String>.routePath, default: "/",
        "/admin/ matches /admin and everything below; /admin matches /admin and /admin/, nothing below.")

    static let matchType = ValueType<(host: Located<String>, path: String)>.mapping([hostKey, pathKey]) { section, _ in
        let (host, path) = (section[hostKey], section[pathKey])
        return host.map { ($0, path) }
    }

    static let type = ValueType<RouteEntry>.mapping(
        [
            nameKey, matchKey, caseSensitiveKey, methodsKey, accessKey, upstreamKey, pathParametersKey, encodedSlashKey,
            emptySegmentsKey, sharedCacheKey, upgradesKey,
        ] + RouteHandlingEntry.keys
    ) { section, _ in
        let (name, match, upstream) = (section[nameKey], section[matchKey], section[upstreamKey])
        let (methods, access) = (section[methodsKey], section[accessKey])
        let (isCaseSensitive, allowsSharedCache) = (section[caseSensitiveKey], section[sharedCacheKey])
        var allowances: PathAllowances = []
        if section[pathParametersKey] == .allow { allowances.insert(.parameters) }
        if section[encodedSlashKey] == .allow { allowances.insert(.encodedSlash) }
        if section[emptySegmentsKey] == .allow { allowances.insert(.emptySegments) }
        let upgrades = UpgradeProtocols(section[upgradesKey].map(\.protocols))
        let handling = RouteHandlingEntry(section)
        guard let name, let match, let upstream else { return nil }
        return RouteEntry(
            place: section.place, name: name, host: match.host, path: match.path, isCaseSensitive: isCaseSensitive,
            methods: methods, access: access, upstream: upstream, allowances: allowances,
            allowsSharedCache: allowsSharedCache, upgrades: upgrades, handling: handling)
    }
}

extension ValueType where Value == Core.Method {
    /// A method of the IANA registry that is forwarded at all.
    static var method: ValueType {
        let tokens = Core.Method.allCases.filter { $0 != .trace && $0 != .connect }.map(\.token)
        let shape = ScalarShape(
            noun: "a method", allowed: "a registered method but TRACE and CONNECT, such as GET, HEAD, POST",
            json: .object([("enum", .array(tokens.map { .string($0) }))]))
        return scalar(shape) { text throws(ScalarProblem) in
            guard let method = Core.Method(token: text) else {
                throw ScalarProblem(
                    "\(ShownText.quoted(text)) is not a registered method",
                    remedy: Spelling.suggestion(for: text, among: tokens))
            }
            guard method != .trace, method != .connect else {
                throw ScalarProblem("\(text) is never forwarded")
            }
            return method
        }
    }
}
