import Proxy

/// One entry of `listeners` as written.
struct ListenerEntry: Sendable {
    let address: Located<ListenAddress>
    /// Nil where it sends everybody to https.
    let tls: TLSEntry?
    let takesProxyHeader: Bool
    let offersHTTP2: Bool

    /// Where a listener without TLS sends everybody.
    enum Redirection: String, Sendable, CaseIterable { case https }

    static let addressKey = RequiredKey(
        "address", ValueType<ListenAddress>.listenAddress.located,
        "Where it listens, such as \"[::]:8443\"; port 0 takes a free one.")
    static let tlsKey = OptionalKey(
        "tls", TLSEntry.type, "Its TLS settings; required, unless redirect_to stands here.")
    static let redirectKey = OptionalKey(
        "redirect_to", ValueType<Redirection>.choice("a place to redirect to"),
        "https: it speaks in clear, and sends requests for known hosts to public_url's port (308).")
    static let proxyProtocolKey = DefaultedKey(
        "proxy_protocol", ValueType<Bool>.boolean, default: "false",
        "Whether connections begin with a PROXY header (version 1 or 2); only trusted_proxies may come then.")

    static let http2Key = DefaultedKey(
        "http2", ValueType<Bool>.boolean, default: "true",
        "Whether HTTP/2 is offered, besides HTTP/1.1, to clients that can speak it.")

    static let type = ValueType<ListenerEntry>.mapping([
        addressKey, tlsKey, redirectKey, proxyProtocolKey, http2Key,
    ]) { section, reader in
        let offersHTTP2 = section[http2Key]
        let (address, tls, takesProxyHeader) = (section[addressKey], section[tlsKey], section[proxyProtocolKey])
        let redirects = section[redirectKey] != nil
        if section.has(tlsKey) == section.has(redirectKey) {
            // Whichever is meant, it is judged as one that serves.
            reader.report(
                section.place,
                section.has(tlsKey) ? "tls and redirect_to stand here" : "neither tls nor redirect_to stands here",
                allowed: "allowed: one of them",
                remedy: "write tls with its certificates to serve, or redirect_to: https to send everybody there")
        }
        guard let address, redirects || tls != nil else { return nil }
        return ListenerEntry(address: address, tls: tls, takesProxyHeader: takesProxyHeader, offersHTTP2: offersHTTP2)
    }
}

/// `listeners[].tls` as written.
struct TLSEntry: Sendable {
    let minimumVersion: TLSListenerSettings.MinimumVersion
    let certificates: [CertificateEntry]

    static let minimumVersionKey = DefaultedKey(
        "minimum_version", ValueType<TLSListenerSettings.MinimumVersion>.choice("a TLS version that may be spoken"),
        default: "\"1.2\"",
        "The oldest TLS version that a client may speak; older ones than 1.2 are refused whatever stands here.")
    static let certificatesKey = RequiredKey(
        "certificates", .list(of: CertificateEntry.type, count: 1...1000),
        "Certificates, chosen by SNI; the first serves clients that name no host.")

    static let type = ValueType<TLSEntry>.mapping([minimumVersionKey, certificatesKey]) { section, _ in
        let minimumVersion = section[minimumVersionKey]
        guard let certificates = section[certificatesKey] else { return nil }
        return TLSEntry(minimumVersion: minimumVersion, certificates: certificates)
    }
}

/// `listeners[].tls.certificates[]` as written.
struct CertificateEntry: Sendable {
    let chainFile: Located<String>
    let keyFile: Located<String>

    static let chainFileKey = RequiredKey(
        "chain_file", ValueType<String>.filePath("a file").located,
        "The certificate and its intermediates in PEM, the server's own first.")
    static let keyFileKey = RequiredKey(
        "key_file", ValueType<String>.filePath("a file").located,
        "Its private key in PEM, unencrypted, readable by the gateway alone.")

    static let type = ValueType<CertificateEntry>.mapping([chainFileKey, keyFileKey]) { section, _ in
        let (chain, key) = (section[chainFileKey], section[keyFileKey])
        guard let chain, let key else { return nil }
        return CertificateEntry(chainFile: chain, keyFile: key)
    }
}

/// `operations` as written.
enum OperationsEntry {
    static let addressKey = DefaultedKey(
        "address", ValueType<ListenAddress>.listenAddress.located, default: "127.0.0.1:9902",
        "Where probes and metrics are answered, in clear; keep it off public networks.")

    static let type = ValueType<Located<ListenAddress>>.mapping([addressKey]) { section, _ in section[addressKey] }
}
