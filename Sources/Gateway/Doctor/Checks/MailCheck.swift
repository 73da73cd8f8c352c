import Outbound

/// The mail server takes our mails: it answers, its certificate verifies, it lets us in.
enum MailCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        guard let visit = seen.mail else {
            return [
                DoctorFinding(
                    "mail", .info,
                    seen.throttle == nil
                        ? "no configuration was given to read the mail server from"
                        : "no mail server is configured: no invitation, no link for a new password, no warning is mailed",
                    mend: seen.throttle == nil ? "name the gateway's configuration with --config" : "")
            ]
        }
        switch visit.outcome {
        case .success(let version?):
            return [
                DoctorFinding("mail", .pass, "\(visit.server.url) lets us in over \(version), its certificate verifies")
            ]
        case .success(nil) where visit.server.isLoopback:
            return [DoctorFinding("mail", .pass, "\(visit.server.url) lets us in, in clear, on this machine")]
        case .success(nil):
            return [
                DoctorFinding(
                    "mail", .warn,
                    "\(visit.server.url) is spoken to in clear: links that set passwords can be read on the way",
                    mend: "write starttls: required, or smtps:// in mail.smtp_url")
            ]
        case .failure(let failure):
            return [
                DoctorFinding(
                    "mail", .fail, "\(visit.server.url): \(failure)",
                    mend:
                        "look whether the mail server runs and lets this machine in, and whether mail.ca_file, username and "
                        + "password_file are its; what is to be mailed waits meanwhile")
            ]
        }
    }
}
