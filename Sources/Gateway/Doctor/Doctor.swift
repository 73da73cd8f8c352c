import Core

/// `gatehouse doctor`: looks at a gateway from outside, as its visitors do.
public enum Doctor {
    /// Asks, judges and tells; blocks for some seconds, and for as many bounds of time as a silent server has probes.
    /// - Throws: where nobody answers at the URL, or the configuration is faulty.
    public static func examine(
        _ request: DoctorRequest, asJSON: Bool, environment: [String: String]
    ) throws(OperatorFault) -> CommandOutput {
        var settings: GatewaySettings?
        if let file = request.configuration {
            settings = try OperatorConfiguration.read(file: file, environment: environment).whole.get()
        }
        let rounds = DoctorRounds(request: request, settings: settings) {
            WallTime(milliseconds: WallClock.milliseconds)
        }
        return DoctorReport(try rounds.observations()).output(asJSON: asJSON)
    }
}
