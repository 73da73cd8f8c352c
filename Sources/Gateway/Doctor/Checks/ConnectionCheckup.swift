import Core

/// Each connection has metadata of its provider that can be used, and nothing of it ends soon.  Seen in the configuration,
/// and at the addresses that it names.
enum ConnectionCheckup {
    /// Days left, below which an end is told, the nearest first.
    static let thresholds: [Int64] = [7, 30, 60]

    private static let name = "single-sign-on"

    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        guard let sightings = seen.connections else {
            return [
                DoctorFinding(
                    name, .info, "not checkable: no answer tells it",
                    mend: "name the gateway's configuration with --config")
            ]
        }
        guard !sightings.isEmpty else {
            return [DoctorFinding(name, .pass, "no tenant's file has a connection in use")]
        }
        return sightings.map { finding($0, at: seen.answeredAt) }
    }

    private static func finding(
        _ sighting: DoctorObservations.ConnectionSighting, at now: WallTime
    ) -> DoctorFinding {
        let place = "\(sighting.connection) of \(sighting.tenant)"
        let renew = "save the provider's metadata again where it is a file; else ask the provider's administrator"
        switch sighting.outcome {
        case .failure(let fault):
            return DoctorFinding(
                name, .fail, "\(place): \(sighting.source): \(fault.words)",
                mend: "gatehouse saml test --tenant \(sighting.tenant) \(sighting.connection)")
        case .success(let provider):
            if let end = provider.validUntil, end <= now {
                return DoctorFinding(
                    name, .fail, "\(place): the provider's metadata has ended at \(DateText.text(of: end))", mend: renew
                )
            }
            // One certificate of several may end: the others sign on.
            let last = provider.certificateEnds.max() ?? 0
            let days = (last - now.milliseconds / 1000) / 86_400
            guard last > now.milliseconds / 1000 else {
                return DoctorFinding(
                    name, .warn,
                    "\(place): the provider's last certificate has ended; sign-ins go on, because its key is what counts",
                    mend: renew)
            }
            if let near = thresholds.first(where: { days < $0 }) {
                return DoctorFinding(
                    name, .warn,
                    "\(place): the provider's last certificate ends in less than \(near) days", mend: renew)
            }
            return DoctorFinding(
                name, .pass, "\(place): \(provider.entityID), its last certificate has \(days) days left")
        }
    }
}
