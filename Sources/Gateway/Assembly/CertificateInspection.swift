import Core
import HostCrypto

/// The closer look at a certificate and its key, by the TLS library that will serve them.
public enum CertificateInspection {
    /// Compares a chain with its key, and with the machine's clock.
    public static let check: CertificateCheck = { chain, key in
        do throws(CertificatePair.Fault) {
            let pair = try CertificatePair(chain: chain, key: key)
            let now = WallTime(milliseconds: WallClock.milliseconds)
            let end = WallTime(milliseconds: pair.notAfter * 1000)
            let start = WallTime(milliseconds: pair.notBefore * 1000)
            if end < now { return .expired(end) }
            return now < start ? .notYetValid(start) : nil
        } catch {
            switch error {
            case .noCertificate: return .chainMalformed("no certificate in it can be read")
            case .noKey: return .keyMalformed("no private key in it can be read")
            case .mismatch: return .mismatch
            case .refused(let words): return .chainMalformed(words)
            }
        }
    }
}
