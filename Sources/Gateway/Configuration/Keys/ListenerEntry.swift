import Proxy

/// One entry of `listeners` as written.
struct ListenerEntry: Sendable {
    let address: Located<ListenAddress>
    let minimumVersion: TLSListenerSettings.MinimumVersion
    let certificates: [CertificateEntry]

    static let addressKey = RequiredKey(
        "address", ValueType<ListenAddress>.listenAddress.located,
        "Where it listens, such as \"[::]:8443\"; port 0 takes a free one.")
    static let tlsKey = RequiredKey(
        "tls", TLSEntry.type, "Its TLS settings; a listener without TLS is not in this version.")

    static let type = ValueType<ListenerEntry>.mapping([addressKey, tlsKey]) { section, _ in
        let (address, tls) = (section[addressKey], section[tlsKey])
        guard let address, let tls else { return nil }
        return ListenerEntry(
            address: address, minimumVersion: tls.minimumVersion, certificates: tls.certificates)
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
