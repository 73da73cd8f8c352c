import Access
import Core
import HostCrypto
import Login
import Outbound

/// Asks a gateway everything that `gatehouse doctor` wants to know, one question after another; blocks.
///
/// It sends no secret and changes nothing: GET and TRACE, and one POST whose framing no server may take.
struct DoctorRounds {
    /// Paths of public routes that are tried for an application that tells headers back.
    static let mostSpoofedPaths = 4

    let request: DoctorRequest
    /// Where a configuration was given.
    let settings: GatewaySettings?
    let now: () -> WallTime
    private let marker = "doctor-" + DoctorRounds.hexadecimal(SecureRandom.bytes(8))

    init(request: DoctorRequest, settings: GatewaySettings?, now: @escaping () -> WallTime) {
        self.request = request
        self.settings = settings
        self.now = now
    }

    /// Looks.
    /// - Throws: where there is nobody to look at, or the arguments cannot be used.
    func observations() throws(OperatorFault) -> DoctorObservations {
        var trust = request.trust
        var mistrust: String?
        var askedAt = now()
        var login = outcome(probe("/.gatehouse/login", trust: trust, fields: Self.page))
        if case .failure(.certificateRefused(let words)) = login {
            (mistrust, trust, askedAt) = (words, .withoutVerification, now())
            login = outcome(probe("/.gatehouse/login", trust: trust, fields: Self.page))
        }
        let answeredAt = now()
        if case .failure(let failure) = login { try demandContact(failure) }

        let signIn = signInTarget(login).map { there in
            DoctorObservations.SignIn(
                target: there,
                outcome: outcome(probe("/.gatehouse/login", of: there, trust: trust, fields: Self.page)))
        }

        let spoofed = spoofedPaths.map { path in
            visit(path, trust: trust, fields: [ProbeField("Accept", "application/json")] + spoofedFields)
        }
        return DoctorObservations(
            target: request.target, marker: marker, caFile: request.caFile, mistrust: mistrust,
            handshakes: handshakes(), login: login, signIn: signIn, askedAt: askedAt, answeredAt: answeredAt,
            missing: outcome(probe("/.gatehouse/\(marker)", trust: trust)),
            unknownHost: outcome(probe("/", trust: trust, fields: [ProbeField("Host", "\(marker).invalid")])),
            trace: outcome(probe("/", method: "TRACE", trust: trust, fields: [ProbeField("X-Doctor", marker)])),
            operations: OperationsHandler.paths.map { visit($0, trust: trust) }, spoofed: spoofed,
            framing: framing(trust: trust), throttle: settings?.login.throttle,
            secondFactors: secondFactors, connections: connections, mail: mail)
    }

    /// Whom the tenants' files ask for a second factor.
    private var secondFactors: DoctorObservations.SecondFactorSighting? {
        settings.map { settings in
            let asking = settings.access.tenants.filter { tenant in
                switch tenant.secondFactor {
                case .none, .optional: false
                case .required, .requiredForRoles: true
                }
            }
            return .init(tenants: asking.map(\.id.text), hasMail: settings.mail != nil)
        }
    }

    /// Greets the mail server that the configuration names, and sends no mail.
    private var mail: DoctorObservations.MailVisit? {
        guard let server = settings?.mail?.server else { return nil }
        return DoctorObservations.MailVisit(
            server: server, outcome: Result { () throws(DeliveryFailure) in try SMTPDelivery(server).greet() })
    }

    /// What a browser sends for a page.
    private static let page = [ProbeField("Accept", "text/html")]

    /// The host to which the login leads, where one sign-in serves several; nil for every other answer.
    private func signInTarget(_ login: DoctorObservations.Outcome) -> DoctorTarget? {
        guard case .success(let answer) = login, answer.status == 303, let place = answer.values("location").first,
            let page = place.firstRange(of: "/.gatehouse/session/handoff?")
        else { return nil }
        return DoctorTarget(String(place[..<page.lowerBound]))
    }

    /// Whoever does not even answer cannot be examined; whoever answers something else than HTTP can.
    private func demandContact(_ failure: ProbeFailure) throws(OperatorFault) {
        switch failure {
        case .broken, .certificateRefused: return
        case .trustUnreadable, .malformed: throw OperatorFault(.badData, "\(failure)")
        case .unresolved, .unreachable, .timedOut, .handshakeRefused, .handshakeBroken:
            throw OperatorFault(
                .unavailable,
                "\(request.target) cannot be reached: \(failure); name another way to it with --resolve, or look whether "
                    + "the gateway runs and a firewall lets this machine through")
        }
    }

    private func probe(
        _ path: String, of target: DoctorTarget? = nil, method: String = "GET", trust: HTTPSProbe.Trust,
        fields: [ProbeField] = [], versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    ) -> HTTPSProbe {
        HTTPSProbe(
            url: (target ?? request.target).url(path), method: method, fields: fields, versions: versions, trust: trust,
            resolve: request.resolve)
    }

    private func outcome(_ probe: HTTPSProbe) -> DoctorObservations.Outcome {
        Result { () throws(ProbeFailure) in try probe.ask() }
    }

    private func visit(
        _ path: String, trust: HTTPSProbe.Trust, fields: [ProbeField] = []
    ) -> DoctorObservations.Visit {
        DoctorObservations.Visit(path: path, outcome: outcome(probe(path, trust: trust, fields: fields)))
    }

    /// Each version offered alone.  What the certificate is worth is another check's matter.
    private func handshakes() -> [TLSVersion: DoctorObservations.Handshake] {
        var seen: [TLSVersion: DoctorObservations.Handshake] = [:]
        for version in TLSVersion.allCases {
            do throws(ProbeFailure) {
                try probe("/", trust: .withoutVerification, versions: version...version).handshake()
                seen[version] = .accepted
            } catch {
                switch error {
                case .handshakeRefused(let words), .broken(let words): seen[version] = .refused(words)
                default: seen[version] = .unclear("\(error)")
                }
            }
        }
        return seen
    }

    /// Two lengths that contradict each other (RFC 9112 §6.3): the classic beginning of request smuggling.
    private func framing(trust: HTTPSProbe.Trust) -> Result<ProbeAnswer?, ProbeFailure> {
        let text = """
            POST /.gatehouse/login HTTP/1.1\r
            Host: \(request.target.authority)\r
            Content-Type: application/x-www-form-urlencoded\r
            Content-Length: 5\r
            Transfer-Encoding: chunked\r
            \r
            0\r
            \r

            """
        return Result { () throws(ProbeFailure) in
            try probe("/", trust: trust).exchange(Array(text.utf8))
        }
    }

    /// `/`, and where the configuration is known, the paths of its public routes.
    private var spoofedPaths: [String] {
        let paths = (settings?.access.routes ?? []).filter { $0.access == .public || $0.access == .optional }.map(
            \.path)
        var tried = ["/"]
        for path in paths where !tried.contains(path) && path.utf8.allSatisfy(Self.isPlain) { tried.append(path) }
        return Array(tried.prefix(Self.mostSpoofedPaths))
    }

    /// Every identity header of ours, what other gateways call theirs, and a spelling that CGI folds into ours.
    private var spoofedFields: [ProbeField] {
        [
            "X-Tenant-ID", "X-User-ID", "X-User-External-ID", "X-User-Email", "X-User-Name", "X-User-Roles",
            "X-Auth-Factors", "X-Session-ID", "X-Gatehouse-Assertion", "X-Gatehouse-Secret", "X_User_ID", "Remote-User",
            "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-User", "X-Auth-Request-Email",
        ].map { ProbeField($0, marker) }
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x2D...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x7E: true
        default: false
        }
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        String(
            decoding: octets.flatMap { [ASCII.hexadecimalDigit($0 >> 4), ASCII.hexadecimalDigit($0 & 15)] },
            as: UTF8.self
        ).lowercased()
    }
}
