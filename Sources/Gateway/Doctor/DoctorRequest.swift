import Core
import Outbound

/// What `gatehouse doctor` is to look at, as written on the command line.
public struct DoctorRequest: Sendable {
    let target: DoctorTarget
    let trust: HTTPSProbe.Trust
    let resolve: [ResolveOverride]
    /// Names the file of certificate authorities, for people.
    let caFile: String?
    /// The gateway's configuration; without one, what no answer tells is not checked.
    let configuration: String?

    /// An argument that means nothing.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads the arguments.
    public init(url: String, caFile: String?, resolve: [String], configuration: String?) throws(Fault) {
        guard let target = DoctorTarget(url) else {
            throw Fault(
                description: """
                    --url \(ShownText.quoted(url)) is not https://HOST[:PORT]/: the gateway's public address, without a \
                    path
                    """)
        }
        var overrides: [ResolveOverride] = []
        for text in resolve {
            guard let override = ResolveOverride(text) else {
                throw Fault(
                    description: """
                        --resolve \(ShownText.quoted(text)) is not HOST:PORT:ADDRESS, such as \
                        app.example.org:443:192.0.2.7
                        """)
            }
            overrides.append(override)
        }
        self.target = target
        self.resolve = overrides
        self.caFile = caFile
        self.configuration = configuration
        trust = caFile.map { .file($0) } ?? .systemStore
    }
}

/// `https://HOST[:PORT]/`.
struct DoctorTarget: Sendable, Hashable, CustomStringConvertible {
    let host: CanonicalHost
    let port: UInt16

    /// Nil for another scheme, user info, a path, a query, and whatever no Host field may hold.
    init?(_ url: String) {
        guard url.lowercased().hasPrefix("https://") else { return nil }
        var authority = url.dropFirst("https://".count)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        var host = CanonicalHost()
        guard host.read(Array(authority.utf8).span) == nil else { return nil }
        self.host = host
        port = host.port ?? 443
    }

    /// Host and port as a Host field has them.
    var authority: String { port == 443 ? host.text : "\(host.text):\(port)" }

    /// The address of a path on it.
    func url(_ path: String) -> String { "https://\(authority)\(path)" }

    var description: String { url("/") }
}
