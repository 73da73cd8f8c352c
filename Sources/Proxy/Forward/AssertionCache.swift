import Access
import Core

/// A loop's signed assertions: one for each session and upstream, signed when it is asked for and renewed when less
/// than half of its time is left.
///
/// Bounded: a place is shared by sessions whose slots lie `bound` apart, and the later one overwrites the earlier.
/// What is kept carries the version of the session's entry, so that other roles make another assertion.
struct AssertionCache {
    /// How long an assertion is good for, in seconds.
    static let lifetime: Int64 = 60
    /// Seconds that one which is handed out has at least.
    static let leastLeft: Int64 = 30
    /// Assertions kept.
    static let bound = 65_536

    private struct Kept {
        var slot = -1
        var upstream = -1
        var version: UInt32 = 0
        var expiresAt: Int64 = 0
        /// The header line with its line end.
        var line: [UInt8] = []
    }

    private var kept: [Kept] = []
    /// How many were signed since the start.
    private(set) var signatures: UInt64 = 0

    /// Forgets everything, after a change of issuer, key or audiences.
    mutating func removeAll() { kept.removeAll() }

    /// `X-Gatehouse-Assertion: …` of a slot of the table, if one is kept that is still good.
    /// - Parameter second: the wall clock in seconds since 1970.
    func line(slot: Int, version: UInt32, upstream: Int, upstreams: Int, second: Int64) -> [UInt8]? {
        let place = Self.place(slot, upstream, upstreams)
        guard place < kept.count, kept[place].slot == slot, kept[place].upstream == upstream,
            kept[place].version == version
        else { return nil }
        // A clock that was set back never prolongs: an assertion of the future is made anew.
        let left = kept[place].expiresAt - second
        return left >= Self.leastLeft && left <= Self.lifetime ? kept[place].line : nil
    }

    /// Signs one for the entry in a slot, and keeps it.
    mutating func sign(
        _ entry: SessionEntry, slot: Int, version: UInt32, upstream: Int, upstreams: Int, second: Int64,
        signer: AssertionSigner
    ) -> [UInt8] {
        let place = Self.place(slot, upstream, upstreams)
        if place >= kept.count {
            kept.append(contentsOf: repeatElement(Kept(), count: place + 1 - kept.count))
        }
        signatures &+= 1
        let line = signer.line(of: entry, upstream: upstream, issuedAt: second)
        kept[place] = Kept(
            slot: slot, upstream: upstream, version: version, expiresAt: second + Self.lifetime, line: line)
        return line
    }

    private static func place(_ slot: Int, _ upstream: Int, _ upstreams: Int) -> Int {
        (slot &* upstreams &+ upstream) & (bound - 1)
    }
}
