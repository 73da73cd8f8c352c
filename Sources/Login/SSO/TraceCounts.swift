import Core

/// Counts the messages that prove nothing, so that few of their traces are kept: what is sent again and again loads no
/// store and pushes out nobody's trace.
struct TraceCounts: Sendable {
    private struct Place: Hashable {
        let tenant: TenantID
        let isTraceable: Bool
    }

    private struct Window {
        let minute: Int64
        var count = 0
    }

    private struct Origin: Hashable {
        let tenant: TenantID
        let words: String
    }

    private var windows: [Place: Window] = [:]
    /// Of this period and of the one before.
    private var (recent, former): ([Origin: Int], [Origin: Int]) = ([:], [:])
    private var period: Int64 = 0

    /// Whether a message's trace is kept; then it is counted.
    /// - Parameter origin: what it comes from, an attempt or an answer that was used before; nil where it comes from
    ///   nothing that is known here.
    mutating func admits(_ origin: String?, of tenant: TenantID, at moment: WallTime) -> Bool {
        guard let origin else {
            return admits(Place(tenant: tenant, isTraceable: false), most: FlightRecorder.mostUnbound, at: moment)
        }
        turn(at: moment)
        let key = Origin(tenant: tenant, words: origin)
        let count = recent[key] ?? former[key] ?? 0
        guard count < FlightRecorder.mostOfOne,
            admits(Place(tenant: tenant, isTraceable: true), most: FlightRecorder.mostUnverified, at: moment)
        else { return false }
        if recent.count >= FlightRecorder.mostOrigins { (former, recent) = (recent, [:]) }
        recent[key] = count + 1
        return true
    }

    private mutating func admits(_ place: Place, most: Int, at moment: WallTime) -> Bool {
        let minute = moment.milliseconds / 60_000
        if windows[place] == nil, windows.count >= FlightRecorder.mostWindows {
            windows = windows.filter { $0.value.minute == minute }
            guard windows.count < FlightRecorder.mostWindows else { return false }
        }
        var window = windows[place].flatMap { $0.minute == minute ? $0 : nil } ?? Window(minute: minute)
        guard window.count < most else { return false }
        window.count += 1
        windows[place] = window
        return true
    }

    /// Forgets what is older than the last period.
    private mutating func turn(at moment: WallTime) {
        let now = moment.milliseconds / Int64(FlightRecorder.period.count)
        guard now != period else { return }
        (former, recent) = (now &- period == 1 ? recent : [:], [:])
        period = now
    }
}
