import Core
import Login

/// Passwords cannot be guessed without end.  Seen in the configuration alone: trying would lock somebody out.
enum ThrottleCheck {
    /// Failures of one address in its span, above which a throttle throttles nobody.
    static let mostFailures = 1000

    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "login-throttle"
        guard let throttle = seen.throttle else {
            return [
                DoctorFinding(
                    name, .info, "not checkable: no answer tells it",
                    mend: "name the gateway's configuration with --config")
            ]
        }
        let open = throttle.allow.filter { $0.prefix == 0 }
        guard open.isEmpty else {
            return [
                DoctorFinding(
                    name, .fail,
                    "login.throttle.per_address.allow exempts everybody: \(ShownText.list(open.map(\.description)))",
                    mend: "allow the networks of your own offices alone")
            ]
        }
        let failures = throttle.perAddress.failures
        guard failures <= mostFailures else {
            return [
                DoctorFinding(
                    name, .fail, "login.throttle.per_address.failures is \(failures)",
                    mend: "\(mostFailures) at most; 100 in 24h is the default")
            ]
        }
        let hours = throttle.perAddress.per.count / 3_600_000
        let span = hours > 0 ? "\(hours) h" : "\(throttle.perAddress.per.count / 1000) s"
        return [DoctorFinding(name, .pass, "\(failures) failures of one address in \(span)")]
    }
}
