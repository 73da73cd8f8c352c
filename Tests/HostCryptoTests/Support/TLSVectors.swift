import HostCrypto
import TestSupport

/// The certificates below `Tests/Vectors/tls`.
enum TLSVectors {
    static func bytes(_ name: String) throws -> [UInt8] { try TestFile.bytes("Vectors/tls/\(name)") }

    static func pair(_ name: String) throws -> CertificatePair {
        try CertificatePair(chain: bytes("\(name).crt.txt"), key: bytes("\(name).key.txt"))
    }

    /// A context with these certificates, the first one for names that none covers.
    static func context(
        _ names: [String] = ["first"], isTLS13Only: Bool = false, tickets: TicketKeys = TicketKeys(now: 0)
    ) throws -> TLSServerContext {
        try TLSServerContext(certificates: try names.map(pair), isTLS13Only: isTLS13Only, tickets: tickets)
    }
}
