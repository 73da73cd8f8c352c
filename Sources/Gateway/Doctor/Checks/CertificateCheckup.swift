import Core
import HostCrypto

/// The certificate verifies, lasts and names the host.
enum CertificateCheckup {
    /// Days left, below which it is time to look at the renewal.
    static let fewDays: Int64 = 30
    /// Days left, below which no renewal seems to come.
    static let tooFewDays: Int64 = 7

    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        guard let certificate = seen.certificate else {
            return [trust(seen)]
                + ["certificate-days", "certificate-names"].map {
                    DoctorFinding($0, .info, "not checkable: no certificate that can be read was seen")
                }
        }
        return [trust(seen), days(seen.chain, at: seen.answeredAt), names(certificate, seen.target.host)]
    }

    private static func trust(_ seen: DoctorObservations) -> DoctorFinding {
        guard let words = seen.mistrust else {
            let issuer = seen.certificate.map { ", signed by \($0.issuer)" } ?? ""
            return DoctorFinding(
                "certificate-trust", .pass,
                "verified by \(seen.caFile ?? "this machine's certificate authorities")\(issuer)")
        }
        return DoctorFinding(
            "certificate-trust", .fail, words,
            mend: """
                serve the chain with its intermediates in chain_file; name an authority of your own with --ca-file; what \
                follows was seen without verification
                """)
    }

    private static func days(_ chain: [PeerCertificate], at now: WallTime) -> DoctorFinding {
        let name = "certificate-days"
        let seconds = now.milliseconds / 1000
        let renew = "look why it is not renewed; Gatehouse takes a new pair of files within a second"
        guard let own = chain.first else { return DoctorFinding(name, .info, "not checkable") }
        guard own.notBefore <= seconds else {
            return DoctorFinding(
                name, .fail, "begins in \(span(own.notBefore - seconds))", mend: "look at the clocks, or wait")
        }
        let left = own.notAfter - seconds
        guard left > 0 else { return DoctorFinding(name, .fail, "ended \(span(-left)) ago", mend: renew) }
        guard left >= tooFewDays * 86400 else { return DoctorFinding(name, .fail, "\(span(left)) left", mend: renew) }
        guard left >= fewDays * 86400 else { return DoctorFinding(name, .warn, "\(span(left)) left", mend: renew) }
        // Which certificates above it count is the visitor's choice, so an old one among them need not hurt.
        let above = chain.dropFirst().map { $0.notAfter - seconds }.min() ?? left
        guard above >= fewDays * 86400 else {
            return DoctorFinding(
                name, .warn, "\(span(left)) left, but one above it in the chain has \(span(max(0, above)))",
                mend: "renew the intermediates in chain_file too")
        }
        return DoctorFinding(name, .pass, "\(span(left)) left")
    }

    /// `3 days`, or hours below one day.
    private static func span(_ seconds: Int64) -> String {
        seconds >= 86400
            ? ShownText.count(Int(seconds / 86400), "day") : ShownText.count(Int(seconds / 3600), "hour")
    }

    private static func names(_ certificate: PeerCertificate, _ host: CanonicalHost) -> DoctorFinding {
        let shown = ShownText.list(certificate.names + certificate.addresses.map(\.description))
        guard covers(certificate, host) else {
            return DoctorFinding(
                "certificate-names", .fail, "\(host.text) is not among its names: \(shown)",
                mend: "order a certificate with that name, or list the right pair in listeners[].tls.certificates")
        }
        return DoctorFinding("certificate-names", .pass, "\(host.text) is among its names: \(shown)")
    }

    /// RFC 9525 §6.3: the whole name, or a wildcard for its first label; addresses by their octets.
    private static func covers(_ certificate: PeerCertificate, _ host: CanonicalHost) -> Bool {
        if let address = ClientAddress(host.text) { return certificate.addresses.contains(address) }
        guard !certificate.names.contains(host.text) else { return true }
        guard let dot = host.text.firstIndex(of: "."), dot != host.text.startIndex else { return false }
        return certificate.names.contains("*" + host.text[dot...])
    }
}
