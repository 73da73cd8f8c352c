/// Members who must set up a second factor come by the code for the first one.  Seen in the configuration alone.
enum SecondFactorCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "second-factors"
        guard let sighting = seen.secondFactors else {
            return [
                DoctorFinding(
                    name, .info, "not checkable: no answer tells it",
                    mend: "name the gateway's configuration with --config")
            ]
        }
        guard !sighting.tenants.isEmpty else {
            return [DoctorFinding(name, .pass, "no tenant's file asks for one")]
        }
        let words = sighting.tenants.count == 1 ? "tenant" : "tenants"
        let asking = "asked for by \(words) \(ShownText.list(sighting.tenants))"
        guard sighting.hasMail else {
            return [
                DoctorFinding(
                    name, .warn,
                    "\(asking), and no mail is configured: on a browser that is not known yet, the code for the first one "
                        + "comes from an operator alone",
                    mend: "write mail.smtp_url, or hand codes over: gatehouse user reset-mfa --print-code")
            ]
        }
        return [DoctorFinding(name, .pass, "\(asking); codes for the first one are mailed")]
    }
}
