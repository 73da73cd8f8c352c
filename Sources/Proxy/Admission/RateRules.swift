import Access
import Core
import HTTPWire

/// A route's `rate_limit`, ready to be asked: for each kind of caller a bucket of its own.
struct RateRules {
    /// Whom a bucket is for.
    enum Kind: UInt8 {
        case address, session, tenant

        /// As `RateLimit` and `RateLimit-Policy` name it.
        var name: StaticString {
            switch self {
            case .address: "address"
            case .session: "session"
            case .tenant: "tenant"
            }
        }
    }

    /// One kind's limit.
    struct Rule {
        let kind: Kind
        let requests: UInt64
        /// Nanoseconds in which one token comes back, and in which all of them do.
        let step: UInt64
        let span: UInt64
        /// Tells this route's buckets of this kind from all others'; the same on every loop.
        let seed: Int
    }

    /// What the tightest bucket of a request says.
    struct Standing {
        let kind: Kind
        let remaining: UInt64
        /// Until the next token where none is left, else until the bucket is full.
        let seconds: UInt64
    }

    let rules: [Rule]
    /// `RateLimit-Policy: …` with its line end (draft-ietf-httpapi-ratelimit-headers-09 §3).
    let policyLine: [UInt8]

    /// Nil where nothing is limited.
    init?(_ settings: RateLimits, route: String) {
        let given: [(Kind, RateLimit?)] = [
            (.address, settings.perAddress), (.session, settings.perSession), (.tenant, settings.perTenant),
        ]
        rules = given.compactMap { kind, limit in
            guard let limit, limit.requests > 0, limit.per.count > 0 else { return nil }
            let span = limit.per.count * 1_000_000
            var hasher = Hasher()
            hasher.combine(route)
            hasher.combine(kind)
            return Rule(
                kind: kind, requests: UInt64(limit.requests), step: max(1, span / UInt64(limit.requests)), span: span,
                seed: hasher.finalize())
        }
        guard !rules.isEmpty else { return nil }
        let policies = rules.map { "\"\($0.kind.name)\";q=\($0.requests);w=\(max(1, $0.span / 1_000_000_000))" }
        policyLine = Array("RateLimit-Policy: \(policies.joined(separator: ", "))\r\n".utf8)
    }

    /// Writes both fields.
    func write(_ standing: Standing, into out: inout WireBuffer) {
        out.append(policyLine)
        out.append("RateLimit: \"")
        out.append(standing.kind.name)
        out.append("\";r=")
        out.append(decimal: standing.remaining)
        out.append(";t=")
        out.append(decimal: standing.seconds)
        out.append("\r\n")
    }
}
