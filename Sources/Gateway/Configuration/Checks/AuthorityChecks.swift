/// `ca_file`: certificates that a server's is measured by, and that not everybody can exchange.
struct AuthorityChecks {
    /// Bytes of the file; the authorities of a whole distribution have about 250 KiB.
    static let longestFile = 1_048_576

    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// Reports what is wrong with the file.
    /// - Parameter keyRemedy: what to do with a key that is found there.
    func judge(_ place: Located<String>, keyRemedy: String) {
        guard let content = files.read(place, kind: .certificateAuthority, mostBytes: Self.longestFile) else { return }
        let (shown, pem) = (files.shown(place.value), PEMText(content.bytes))
        guard pem.hasCertificate, !pem.hasDamagedBlock else {
            reader.report(
                place,
                pem.hasDamagedBlock ? "\(shown) has a damaged PEM block" : "\(shown) holds no certificate",
                allowed: "allowed: certificates in PEM (RFC 7468)", remedy: pem.hasKey ? keyRemedy : nil)
            return
        }
        if content.permissions & 0o002 != 0 {
            reader.report(
                place, "\(shown) can be written by everybody, who could so choose whom to trust",
                allowed: "allowed: mode 0644, or less", remedy: "chmod 644 \(shown)")
        }
    }
}
