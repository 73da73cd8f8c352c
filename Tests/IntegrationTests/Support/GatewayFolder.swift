import Foundation
import Store

/// A configuration folder on disk, removed with this object: a good gateway for two tenants, of which a test
/// changes what it is about and writes it again.
final class GatewayFolder {
    let url: URL
    var listener = "127.0.0.1:0"
    /// Further keys of it, each on a line that begins with four spaces.
    var listenerKeys = ""
    var operations = "127.0.0.1:0"
    /// Entries of `listeners` behind the first, in flow style.
    var furtherListeners: [String] = []
    var trustedProxies = "[]"
    /// `NAME: { … }` in flow style, each.
    var upstreams: [String]
    var routes = [
        #"{ name: assets, match: { host: "*.example.org", path: /assets/ }, access: public, upstream: app }"#,
        #"{ name: optional, match: { host: "*.example.org", path: /optional/ }, access: optional, upstream: app }"#,
        #"{ name: admin, match: { host: "*.example.org", path: /admin/ }, methods: [GET, POST], access: { roles: [admin] }, upstream: app }"#,
        #"{ name: app, match: { host: "*.example.org", path: / }, access: authenticated, upstream: app }"#,
    ]
    /// The content of `limits`, in flow style.
    var limits = ""
    /// `json` or `text`.
    var logFormat = "json"
    /// Any further line.
    var extra = ""

    /// Kept as long as the folder is, which a running gateway keeps.
    private let upstream: RawUpstream

    /// - Parameters:
    ///   - upstream: the application behind the upstream `app`.
    ///   - upstreamKeys: further keys of it, beginning with a comma.
    init(upstream: RawUpstream, upstreamKeys: String = "", limits: String = "") throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("gatehouse-\(UUID().uuidString)")
        self.upstream = upstream
        upstreams = [Self.upstream(port: upstream.port, keys: upstreamKeys)]
        self.limits = limits
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent("tls"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent("tenants"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent("keys"), withIntermediateDirectories: true)
        _ = try MasterKeyFile.create(at: path("keys/master.key"))
        try write(TestCertificate.standard.get())
        for tenant in ["acme", "globex"] {
            try write(
                "tenants/\(tenant).yaml",
                "id: \(tenant)\nname: \(tenant)\nhosts: [ \(tenant).example.org ]\nmfa: optional\n")
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// An entry of `upstreams`.
    static func upstream(_ name: String = "app", port: UInt16, keys: String = "") -> String {
        "\(name): { servers: [ \"http://127.0.0.1:\(port)\" ]\(keys) }"
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// gatehouse.yaml.
    var file: String { path("gatehouse.yaml") }
    var logFile: String { path("access.log") }

    /// Replaces a file at once, as an operator's tools do: written aside, then renamed.
    func write(_ name: String, _ text: String) throws {
        let aside = path(name) + ".new"
        try Data(text.utf8).write(to: URL(fileURLWithPath: aside))
        guard chmod(aside, 0o600) == 0, rename(aside, path(name)) == 0 else { throw StreamFailure.broken(errno) }
    }

    /// Puts a certificate in place, its key first.
    func write(_ certificate: TestCertificate) throws {
        try write("tls/key.pem", certificate.key)
        try write("tls/chain.pem", certificate.chain)
    }

    var yaml: String {
        """
        listeners:
          - address: "\(listener)"
            tls: { certificates: [ { chain_file: tls/chain.pem, key_file: tls/key.pem } ] }
        \(listenerKeys)
        \(furtherListeners.map { "  - \($0)" }.joined(separator: "\n"))
        operations: { address: "\(operations)" }
        public_url: https://app.example.org:8443
        trusted_proxies: \(trustedProxies)
        upstreams:
        \(upstreams.map { "  \($0)" }.joined(separator: "\n"))
        routes:
        \(routes.map { "  - \($0)" }.joined(separator: "\n"))
        limits: { \(limits) }
        telemetry: { log: { file: access.log, format: \(logFormat) } }
        \(extra)

        """
    }

    /// Writes gatehouse.yaml as the properties say.
    func write() throws { try write("gatehouse.yaml", yaml) }

    /// The lines of the log file that have been written.
    var logLines: [String] {
        let text = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}
