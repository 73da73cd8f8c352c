/// What happens to the caching fields of an upstream's answer (interfaces, "What a request meets").
public enum CachePolicy: UInt8, Sendable, Hashable {
    /// A public route, or `shared_cache: true`: they stay as they are.
    case asUpstreamSays
    /// The answer may depend on who asked: no shared cache may keep it; see `CacheRewriting`.
    case privateOnly
}
