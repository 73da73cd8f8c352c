import Core
import Store
import Synchronization

/// Links that were used a moment ago, so that a form that is sent twice leads to where it led the first time.
///
/// A help for people, and no proof of anything: a restart forgets it.
final class SpentLinks: Sendable {
    /// For so long a second submit counts as the same.
    static let lifetime = Milliseconds.minutes(10)
    /// Links that are remembered; one more forgets the oldest.
    static let bound = 1000

    private let used = Mutex<[(digest: TokenDigest, at: WallTime)]>([])

    /// The link has set a password.
    func note(_ token: String, at now: WallTime) {
        guard let digest = LinkToken(token)?.digest else { return }
        used.withLock { used in
            used.removeAll { !now.isWithin(Self.lifetime, after: $0.at, skew: LoginAttemptSeal.skew) }
            if used.count >= Self.bound { used.removeFirst() }
            used.append((digest, now))
        }
    }

    /// Whether it has, a moment ago.
    func holds(_ token: String, at now: WallTime) -> Bool {
        guard let digest = LinkToken(token)?.digest else { return false }
        return used.withLock { used in
            used.contains {
                $0.digest == digest && now.isWithin(Self.lifetime, after: $0.at, skew: LoginAttemptSeal.skew)
            }
        }
    }
}
