import Core
import SAML
import Store

/// When the metadata at an address is asked for again (SAML Metadata §4.3).
struct RefreshSchedule: Sendable, Hashable {
    /// The longest that a document is used without asking, and the shortest.
    static let longestInterval = Milliseconds.hours(24)
    static let shortestInterval = Milliseconds.minutes(5)
    /// After the first failure; each further one doubles it.
    static let firstRetry = Milliseconds.minutes(1)
    static let longestRetry = Milliseconds.hours(1)
    /// How long failures last before administrators are told where the metadata sets no end, and where there is none yet.
    static let patience = Milliseconds.hours(72)
    static let firstPatience = Milliseconds.hours(1)

    /// What is asked for next, at this moment or after it.
    let due: WallTime
    /// When administrators are told that fetching fails; nil where it does not.
    let alarm: WallTime?

    /// - Parameters:
    ///   - stored: what is known of the address; nil where it was never asked.
    ///   - provider: what the stored document says; nil where there is none that can be read.
    ///   - isAskedAnew: whether this process has not asked yet by the present settings: what failed is asked again at
    ///     once, as whoever mends it waits for.
    init(_ stored: StoredMetadata?, _ provider: IdentityProvider?, isAskedAnew: Bool) {
        guard let stored else {
            (due, alarm) = (WallTime(milliseconds: .min), nil)
            return
        }
        guard stored.failures > 0 else {
            due = stored.checkedAt.advanced(by: Self.interval(stored, provider))
            alarm = nil
            return
        }
        due = isAskedAnew ? stored.checkedAt : stored.checkedAt.advanced(by: Self.retry(stored.failures))
        guard provider != nil else {
            alarm = stored.fetchedAt.advanced(by: Self.firstPatience)
            return
        }
        let life = provider?.validUntil.map { Self.span(from: stored.fetchedAt, to: $0) }
        alarm = stored.fetchedAt.advanced(by: life.map { Milliseconds($0.count / 4 * 3) } ?? Self.patience)
    }

    /// Whether it is time; a clock that went back does not make anything wait for longer than it should.
    func isDue(at now: WallTime, checkedAt: WallTime?) -> Bool {
        now >= due || checkedAt.map { now < $0 } ?? true
    }

    private static func interval(_ stored: StoredMetadata, _ provider: IdentityProvider?) -> Milliseconds {
        var interval = min(longestInterval, provider?.cacheDuration ?? longestInterval)
        if let end = provider?.validUntil {
            interval = min(interval, Milliseconds(span(from: stored.checkedAt, to: end).count / 4))
        }
        return max(interval, shortestInterval)
    }

    private static func retry(_ failures: Int) -> Milliseconds {
        let doublings = UInt64(min(max(0, failures - 1), 16))
        return min(longestRetry, Milliseconds(firstRetry.count << doublings))
    }

    private static func span(from start: WallTime, to end: WallTime) -> Milliseconds {
        let (span, overflow) = end.milliseconds.subtractingReportingOverflow(start.milliseconds)
        return Milliseconds(overflow ? .max : UInt64(max(0, span)))
    }
}
