import Access
import Core

/// A route's `cross_origin` as written.
enum CrossOriginEntry {
    static let originsKey = RequiredKey(
        "origins", ValueType<[Located<String>]>.locatedSet(of: .origin, count: 1...100),
        "The other origins whose scripts may call, such as https://www.example.org.")
    static let methodsKey = DefaultedKey(
        "methods", ValueType<[Core.Method]>.set(of: .method, count: 1...64), default: "[GET, HEAD, POST]",
        "What they may ask with.")
    static let headersKey = DefaultedKey(
        "headers", ValueType<[String]>.set(of: .name(.fieldName), count: 0...50), default: "[]",
        "Request headers that they may set, besides those that every script may.")
    static let exposedHeadersKey = DefaultedKey(
        "exposed_headers", ValueType<[String]>.set(of: .name(.fieldName), count: 0...50), default: "[]",
        "Headers of an answer that they may read, besides those that every script may.")
    static let credentialsKey = DefaultedKey(
        "credentials", ValueType<Bool>.boolean, default: "false",
        "Whether they come with the member's cookies, and may change what is the member's.")
    static let maximumAgeKey = DefaultedKey(
        "max_age", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(24))), default: "10m",
        "How long a browser need not ask again.")

    static let type = ValueType<CrossOriginSettings>.mapping([
        originsKey, methodsKey, headersKey, exposedHeadersKey, credentialsKey, maximumAgeKey,
    ]) { section, reader in
        let (origins, methods, headers) = (section[originsKey], section[methodsKey], section[headersKey])
        let (exposed, credentials) = (section[exposedHeadersKey], section[credentialsKey])
        let age = section[maximumAgeKey]
        guard let origins else { return nil }
        for origin in origins where credentials && origin.value.hasPrefix("http://") {
            reader.warn(
                origin,
                "\(ShownText.quoted(origin.value)) is not https: whoever is on its network can act with members' cookies"
            )
        }
        return CrossOriginSettings(
            origins: origins.map(\.value), methods: MethodSet(methods), headers: headers, exposedHeaders: exposed,
            allowsCredentials: credentials, maximumAge: age)
    }
}

extension ValueType where Value == String {
    /// An origin as browsers write it (RFC 6454 §6.2), which is compared byte by byte.
    static var origin: ValueType {
        let shape = ScalarShape(
            noun: "an origin", allowed: "https://HOST or https://HOST:PORT, without a path; each by its name",
            json: .object([("type", .string("string")), ("pattern", .string("^https?://[^/?#@*]+$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard !text.contains("*"), text != "null" else {
                throw ScalarProblem(
                    "\(shown) is not one origin",
                    remedy: "list each; for everybody leave cross_origin away and let the application answer")
            }
            guard let scheme = ["https", "http"].first(where: { text.hasPrefix("\($0)://") }) else {
                let isName = !text.contains("://") && text.contains(".")
                throw ScalarProblem(
                    "\(shown) is not an origin",
                    remedy: isName ? "did you mean \(ShownText.quoted("https://" + text))?" : nil)
            }
            let rest = text.dropFirst(scheme.count + 3)
            let authority = rest.prefix { !"/?#".contains($0) }
            let nameEnd = authority.lastIndex(of: "]") ?? authority.startIndex
            let colon = authority[nameEnd...].lastIndex(of: ":")
            let host = try HostText.host(String(authority[..<(colon ?? authority.endIndex)]), quoting: text)
            var written = "\(scheme)://\(host)"
            if let colon {
                guard let port = HostText.port(authority[authority.index(after: colon)...]), port != 0 else {
                    throw ScalarProblem("\(shown) has no valid port", allowed: "allowed: ports 1 to 65535")
                }
                if port != (scheme == "https" ? 443 : 80) { written += ":\(port)" }
            }
            guard written == text else {
                throw ScalarProblem(
                    "\(shown) is not how browsers write it", remedy: "did you mean \(ShownText.quoted(written))?")
            }
            return text
        }
    }
}
