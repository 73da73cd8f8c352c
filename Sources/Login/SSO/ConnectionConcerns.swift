import Core
import SAML
import Store

/// What is to be done about a connection at one moment, found without asking anybody.
struct ConnectionConcerns: Sendable, Hashable {
    /// Something that has come nearer to its end than was warned of.
    struct Warning: Sendable, Hashable {
        let what: ExpiringThing
        /// Empty for metadata.
        let fingerprint: String
        let end: WallTime
        /// The threshold that was reached, in days.
        let threshold: Int
    }

    /// The address is to be asked.
    private(set) var isDue = false
    private(set) var warnings: [Warning] = []
    /// What has been warned of when all warnings are said; without what is there no more.
    private(set) var warned: [String: Int] = [:]
    /// The provider's certificates, by fingerprint; nil where there is no metadata.
    private(set) var fingerprints: [String]?
    /// A file has other certificates than were noted.
    private(set) var hasOtherCertificates = false
    /// Fetching has failed for so long that administrators are to be told.
    private(set) var isAlarming = false
    /// There are former keys to be thrown away.
    private(set) var hasSpentKeys = false

    /// What `warned` calls failing fetches, and the end of the metadata: no fingerprint is spelled so.
    static let fetching = "fetching"
    static let ending = "metadata"

    /// - Parameters:
    ///   - stored: what the store has, of whatever source.
    ///   - provider: what can be used of the present source; nil for nothing.
    ///   - isAskedAnew: as `RefreshSchedule` has it.
    init(
        _ source: MetadataSource, stored: StoredMetadata?, provider: IdentityProvider?, keys: OwnKeys,
        isAskedAnew: Bool, at now: WallTime
    ) {
        let before = stored?.warned ?? [:]
        fingerprints = provider?.signingKeys.map(\.fingerprint)
        for key in provider?.signingKeys ?? [] {
            look(.providerCertificate, key.fingerprint, WallTime(seconds: key.notAfter), before, now)
        }
        for key in keys.published { look(.ownCertificate, key.fingerprint, key.notAfter, before, now) }
        hasSpentKeys = keys.entries.contains { $0.isSpent(at: now) }
        let end = provider?.validUntil
        switch source {
        case .file:
            if let end { look(.metadata, "", end, before, now) }
            hasOtherCertificates = fingerprints.map { Set($0) != Set(stored?.keys ?? []) } ?? false
        case .url(let address, _):
            // What is fetched again and again is near its end at all times; only the end itself is news.
            if let end, now >= end { look(.metadata, "", end, before, now) }
            let relevant = stored?.source == address ? stored : nil
            let schedule = RefreshSchedule(relevant, provider, isAskedAnew: isAskedAnew)
            isDue = schedule.isDue(at: now, checkedAt: relevant?.checkedAt)
            if let alarm = schedule.alarm, now >= alarm {
                isAlarming = before[Self.fetching] == nil
                warned[Self.fetching] = 0
            }
        }
    }

    /// Whether what has been warned of is to be noted, or anything is to be said.
    func isNews(after stored: StoredMetadata?) -> Bool {
        hasOtherCertificates || !warnings.isEmpty || isAlarming || warned != stored?.warned ?? [:]
    }

    private mutating func look(
        _ what: ExpiringThing, _ fingerprint: String, _ end: WallTime, _ before: [String: Int], _ now: WallTime
    ) {
        guard let reached = ExpiryThresholds.reached(by: now, end: end) else { return }
        let name = fingerprint.isEmpty ? Self.ending : fingerprint
        // An end that has moved away is noted, so that it is warned of anew when it comes nearer.
        warned[name] = reached
        guard reached < before[name] ?? .max else { return }
        warnings.append(Warning(what: what, fingerprint: fingerprint, end: end, threshold: reached))
    }
}
