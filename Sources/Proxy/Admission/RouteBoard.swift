import Synchronization

/// What the loops count together about routes: requests under way, and the buckets of rates.
///
/// Routes are known by name, so that a reload goes on with what was counted before it.
final class RouteBoard: Sendable {
    private let gauges = Mutex<[String: InFlightGauge]>([:])
    let rates = RateTable()

    /// The gauge of the route of this name.
    func gauge(of route: String) -> InFlightGauge {
        gauges.withLock { gauges in
            if let gauge = gauges[route] { return gauge }
            let gauge = InFlightGauge()
            gauges[route] = gauge
            return gauge
        }
    }

    /// Forgets routes that are there no more; exchanges that run on them keep their gauges to the end.
    func keep(_ routes: [String]) {
        let names = Set(routes)
        gauges.withLock { gauges in gauges = gauges.filter { names.contains($0.key) } }
    }
}
