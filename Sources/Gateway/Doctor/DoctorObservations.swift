import Core
import HostCrypto
import Login
import Outbound

/// Everything that the probes saw, as values: checks read it and ask nobody.
struct DoctorObservations: Sendable {
    /// What came of one question.
    typealias Outcome = Result<ProbeAnswer, ProbeFailure>

    /// What came of offering one version of TLS alone.
    enum Handshake: Sendable, Hashable {
        case accepted
        /// The peer ended it; libcurl's words.
        case refused(String)
        /// Nothing can be said: this machine does not offer the version, or the network broke.
        case unclear(String)
    }

    /// An answer to a path that was tried.
    struct Visit: Sendable {
        let path: String
        let outcome: Outcome
    }

    /// The login page of another host, to which this one leads.
    struct SignIn: Sendable {
        let target: DoctorTarget
        let outcome: Outcome
    }

    let target: DoctorTarget
    /// A word that nobody else uses: what carries it came from these probes.
    let marker: String
    /// Who was asked about the certificate: a file, or nil for the machine's own authorities.
    let caFile: String?
    /// Why the certificate did not verify; nil where it did.  Everything else is seen without verification then.
    var mistrust: String?
    var handshakes: [TLSVersion: Handshake] = [:]
    /// GET of the login page, and this machine's time before and after.
    var login: Outcome
    /// Where members of this host sign in, and GET of the login page there; nil where that is the host itself.
    var signIn: SignIn?
    var askedAt: WallTime
    var answeredAt: WallTime
    /// GET of a path of ours that is none.
    var missing: Outcome
    /// GET with a Host that nobody has.
    var unknownHost: Outcome
    /// TRACE with the marker in a field.
    var trace: Outcome
    /// GET of the probes' and metrics' paths.
    var operations: [Visit]
    /// GET with the marker in every identity header, of paths that a public route may have.
    var spoofed: [Visit]
    /// A request with Content-Length and Transfer-Encoding; nil where the peer closed without an answer.
    var framing: Result<ProbeAnswer?, ProbeFailure>
    /// `login.throttle`, where a configuration was given.
    var throttle: ThrottleSettings?
    /// Where a configuration was given.
    var secondFactors: SecondFactorSighting?
    /// Where a configuration was given.
    var connections: [ConnectionSighting]?
    /// What the mail server said, where the configuration names one.
    var mail: MailVisit?

    /// What the configuration says of second factors.
    struct SecondFactorSighting: Sendable {
        /// Tenants whose files ask some or all members for one, by id.
        let tenants: [String]
        let hasMail: Bool
    }

    /// What a connection's metadata says.
    struct ConnectionSighting: Sendable {
        let tenant: TenantID
        let connection: ConnectionName
        /// The file or the address.
        let source: String
        let outcome: Result<Provider, Fault>

        struct Provider: Sendable {
            let entityID: String
            let validUntil: WallTime?
            /// Of those that it signs with, in seconds since 1970.
            let certificateEnds: [Int64]
        }

        struct Fault: Error, Sendable {
            let words: String
        }
    }

    /// A conversation with a mail server as far as a mail would begin.
    struct MailVisit: Sendable {
        let server: SMTPServer
        /// The version of TLS, nil in clear.
        let outcome: Result<TLSVersion?, DeliveryFailure>
    }

    /// The peer's own certificate.
    var certificate: PeerCertificate? { chain.first }

    /// What it showed.
    var chain: [PeerCertificate] { (try? login.get())?.chain ?? [] }
}
