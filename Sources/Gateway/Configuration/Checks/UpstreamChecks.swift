import Core
import Proxy

/// `upstreams`: files of TLS to servers are there and hold what they should, and no key stands where nothing uses it.
struct UpstreamChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles
    let certificates: CertificateChecks

    /// The TLS settings of one upstream; reports what is wrong with them.
    func tls(_ written: UpstreamEntry.Settings) -> TLSUpstreamSettings {
        let isUsed = written.servers.contains { $0.scheme == .https }
        // Servers that were refused may have been https.
        if !isUsed, !written.servers.isEmpty { judgeUnused(written) }
        var settings = TLSUpstreamSettings()
        if !written.authorityFile.value.isEmpty {
            AuthorityChecks(reader: reader, files: files).judge(
                written.authorityFile, keyRemedy: "it holds a key, which belongs to client_certificate, if anywhere")
            settings.authorityFile = files.absolute(written.authorityFile.value)
        }
        settings.serverName = written.serverName.map { name in
            // An IPv6 address is written in brackets, and checked without.
            name.value.hasPrefix("[") ? String(name.value.dropFirst().dropLast()) : name.value
        }
        settings.clientCertificate = written.clientCertificate.map { certificates.settings(for: $0.value) }
        return settings
    }

    /// Whether HTTP/2 is spoken to the servers of one upstream, all of them alike: a request that is tried on another
    /// server is framed as for the first.
    func speaksHTTP2(_ written: UpstreamEntry.Settings) -> Bool {
        let clear = written.servers.filter { $0.scheme == .h2c }
        if !clear.isEmpty, clear.count < written.servers.count, !written.http2.value {
            reader.report(
                written.http2, "some servers of this upstream are h2c, which is HTTP/2, and some are not",
                allowed: "allowed: one version of HTTP for all servers of an upstream",
                remedy: "set http2: true, or give each version an upstream of its own")
        }
        return written.http2.value || !clear.isEmpty
    }

    private func judgeUnused(_ written: UpstreamEntry.Settings) {
        var places: [(Located<Void>, String)] = []
        if !written.authorityFile.value.isEmpty { places.append((written.authorityFile.place, "ca_file")) }
        if let name = written.serverName { places.append((name.place, "server_name")) }
        if let certificate = written.clientCertificate { places.append((certificate.place, "client_certificate")) }
        for (place, key) in places {
            reader.report(
                place, "no server of this upstream is https, so that nothing uses \(key)",
                allowed: "allowed: \(key) beside https servers",
                remedy: "write https://… in servers, or take the key out")
        }
    }
}

extension Located {
    /// Where it stands.
    fileprivate var place: Located<Void> { Located<Void>(value: (), position: position, path: path) }
}
