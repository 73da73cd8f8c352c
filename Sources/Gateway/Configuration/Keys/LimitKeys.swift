import Core
import Proxy

/// `limits`.
enum LimitKeys {
    static let headerBytes = DefaultedKey(
        "header_bytes", .byteCount(1024...1_048_576), default: "32KiB", "Request line and header fields together.")
    static let headers = DefaultedKey("headers", .integer(1...1000), default: "100", "Header fields of a request.")
    static let body = DefaultedKey("body", .byteCount(0...(1 << 40)), default: "100MiB", "Body of a request.")
    static let connections = DefaultedKey(
        "connections", .integer(1...1_000_000), default: "10000", "Open client connections of the whole process.")
    static let connectionsPerAddress = DefaultedKey(
        "connections_per_address", .integer(1...1_000_000), default: "1000",
        "Open connections of one client address; trusted_proxies are exempt.")
    static let cachedSessions = DefaultedKey(
        "cached_sessions", .integer(100...100_000_000), default: "1000000", "Sessions that are kept in memory.")
    static let portalBody = DefaultedKey(
        "portal_body", .byteCount(1024...(64 << 20)), default: "1MiB",
        "Body of a request to the gateway's own pages, held in memory.")
    static let handshakeTimeout = DefaultedKey(
        "handshake_timeout", .duration(Milliseconds(10)...(.minutes(5))), default: "5s",
        "From the connection to the end of the TLS handshake.")
    static let headerTimeout = DefaultedKey(
        "header_timeout", .duration(Milliseconds(10)...(.minutes(5))), default: "10s",
        "From a request's first byte to the end of its head.")
    static let bodyMinimumRate = DefaultedKey(
        "body_minimum_rate", .rate(1...(1 << 30)), default: "240B/s",
        "A body that is slower is cut off, after the first 5 seconds.")
    static let idleTimeout = DefaultedKey(
        "idle_timeout", .duration(Milliseconds(10)...(.hours(24))), default: "60s",
        "How long a keep-alive connection may wait for its next request.")

    static let type = ValueType<LimitSettings>.mapping([
        headerBytes, headers, body, connections, connectionsPerAddress, cachedSessions, portalBody, handshakeTimeout,
        headerTimeout, bodyMinimumRate, idleTimeout,
    ]) { section, _ in
        LimitSettings(
            headerBytes: section[headerBytes], headers: section[headers], bodyBytes: section[body],
            connections: section[connections], connectionsPerAddress: section[connectionsPerAddress],
            cachedSessions: section[cachedSessions], portalBodyBytes: section[portalBody],
            handshakeTimeout: section[handshakeTimeout], headerTimeout: section[headerTimeout],
            bodyMinimumRate: section[bodyMinimumRate], idleTimeout: section[idleTimeout])
    }
}
