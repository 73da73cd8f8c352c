import Core
import Proxy

/// `public_url`, taken apart.
struct PublicURL: Sendable, Hashable {
    /// Lower-case.
    let host: String
    /// 443 where none was written.
    let port: UInt16
}

extension ValueType where Value == PublicURL {
    /// An https URL of a host, without path, query and user.
    static var publicURL: ValueType {
        let shape = ScalarShape(
            noun: "the public URL", allowed: "https://HOST or https://HOST:PORT",
            json: .object([("type", .string("string")), ("pattern", .string("^https://[^/?#@]+/?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            guard URLText.split(text).scheme != nil else {
                throw ScalarProblem(
                    "\(shown) has no scheme", remedy: "did you mean \(ShownText.quoted("https://" + text))?")
            }
            let (host, port) = try URLText.authority(URLText.https(text), of: text)
            guard port != 0 else { throw ScalarProblem("\(shown) has port 0") }
            return PublicURL(host: host, port: port ?? 443)
        }
    }
}

extension ValueType where Value == String {
    /// An https URL that something is put behind: host, port and path, without query and user.
    static var httpsPrefix: ValueType {
        let shape = ScalarShape(
            noun: "a URL", allowed: "https://HOST/PATH/",
            json: .object([("type", .string("string")), ("pattern", .string("^https://[^/?#@]+(/[^?#]*)?$"))]))
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            let rest = try URLText.https(text)
            guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                !text.contains("?"), !text.contains("#")
            else { throw ScalarProblem("\(shown) has a query, a fragment, a blank or more than 1024 bytes") }
            let (_, port) = try URLText.authority(rest.prefix { $0 != "/" }, of: text)
            guard port != 0 else { throw ScalarProblem("\(shown) has port 0") }
            return text
        }
    }
}

extension ValueType where Value == UpstreamServer {
    /// `http://HOST:PORT`, `https://HOST:PORT`, `h2c://HOST:PORT` or `unix:/PATH`.
    static var upstreamServer: ValueType {
        let shape = ScalarShape(
            noun: "a server", allowed: "http://HOST:PORT, https://HOST:PORT, h2c://HOST:PORT or unix:/PATH",
            json: .object([("type", .string("string")), ("pattern", .string("^((https?|h2c)://[^/?#@]+/?|unix:/.+)$"))])
        )
        return scalar(shape) { text throws(ScalarProblem) in
            let shown = ShownText.quoted(text)
            if text.hasPrefix("unix:") { return try UpstreamServer.unix(text) }
            let (name, rest) = URLText.split(text)
            guard let name else {
                throw ScalarProblem(
                    "\(shown) has no scheme", remedy: "did you mean \(ShownText.quoted("http://" + text))?")
            }
            switch name {
            case "http", "https", "h2c": break
            case "h2", "grpc", "grpcs":
                throw ScalarProblem("\(shown) is neither http nor https", remedy: Self.http2Remedy(name, rest))
            default: throw ScalarProblem("\(shown) is neither http nor https")
            }
            let (host, port) = try URLText.authority(rest, of: text)
            guard port != 0 else { throw ScalarProblem("\(shown) has port 0") }
            let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            return UpstreamServer(
                UpstreamServer.Scheme(rawValue: name) ?? .http, host: bare, port: port ?? (name == "https" ? 443 : 80))
        }
    }
}

extension ValueType where Value == UpstreamServer {
    /// How other products write HTTP/2 to a server.
    private static func http2Remedy(_ scheme: String, _ rest: Substring) -> String {
        scheme == "grpc"
            ? "did you mean \(ShownText.quoted("h2c://\(rest)"))?"
            : "did you mean \(ShownText.quoted("https://\(rest)")), with http2: true beside servers?"
    }
}

extension UpstreamServer {
    /// Bytes of a unix socket's path (unix(7)).
    private static let longestPath = 107

    fileprivate static func unix(_ text: String) throws(ScalarProblem) -> UpstreamServer {
        let (shown, path) = (ShownText.quoted(text), String(text.dropFirst(5)))
        guard path.hasPrefix("/"), !path.hasPrefix("//") else {
            let bare = path.drop { $0 == "/" }
            throw ScalarProblem(
                "\(shown) has no absolute path",
                remedy: path.hasPrefix("//") ? "did you mean \(ShownText.quoted("unix:/\(bare)"))?" : nil)
        }
        guard path.utf8.count <= longestPath, !path.utf8.contains(0) else {
            throw ScalarProblem(
                "\(shown): the path has \(path.utf8.count) bytes", allowed: "allowed: 1 to \(longestPath) bytes")
        }
        return UpstreamServer(path: path)
    }
}

/// The parts of a URL (RFC 3986 §3) that a configuration may have.
enum URLText {
    /// The scheme in lower case, and what follows `://`.
    static func split(_ text: String) -> (scheme: String?, rest: Substring) {
        guard let separator = text.firstRange(of: "://") else { return (nil, text[...]) }
        return (text[..<separator.lowerBound].lowercased(), text[separator.upperBound...])
    }

    /// What follows `https://`; every other scheme is refused.
    static func https(_ text: String) throws(ScalarProblem) -> Substring {
        let (scheme, rest) = split(text)
        guard scheme == "https" else {
            throw ScalarProblem(
                "\(ShownText.quoted(text)) is not https",
                remedy: scheme == "http" ? "did you mean \(ShownText.quoted("https" + text.dropFirst(4)))?" : nil)
        }
        return rest
    }

    /// Host and port; a path other than `/`, a query, a fragment or a user is refused.
    static func authority(_ rest: Substring, of whole: String) throws(ScalarProblem) -> (host: String, port: UInt16?) {
        let shown = ShownText.quoted(whole)
        let authority = rest.prefix { !"/?#".contains($0) }
        let tail = rest[authority.endIndex...]
        guard !authority.contains("@") else { throw ScalarProblem("\(shown) names a user") }
        guard tail.isEmpty || tail == "/" else {
            throw ScalarProblem(
                "\(shown) has a path, a query or a fragment",
                remedy: "did you mean \(ShownText.quoted(String(whole.dropLast(tail.count))))?")
        }
        guard !authority.hasPrefix("[") || authority.contains("]") else {
            throw ScalarProblem("\(shown) has a [ without ]")
        }
        let nameEnd = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        guard let colon = authority[(nameEnd ?? authority.startIndex)...].firstIndex(of: ":") else {
            return (try HostText.host(String(authority), quoting: whole), nil)
        }
        guard let port = HostText.port(authority[colon...].dropFirst()) else {
            throw ScalarProblem("\(shown) has no valid port", allowed: "allowed: ports 1 to 65535")
        }
        return (try HostText.host(String(authority[..<colon]), quoting: whole), port)
    }
}
