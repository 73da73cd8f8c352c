import Core

/// Tokens that turned out to belong to no session, remembered for a while so that a client that keeps
/// sending one costs the store a single look-up.  Bounded: a flood of made-up tokens overwrites the oldest.
struct UnknownSessions: Sendable {
    /// How long one is remembered.
    static let memory = Milliseconds.seconds(10)

    private struct Note {
        var key: SessionKey
        var until: MonotonicInstant
    }

    private let bound: Int
    private var places: [SessionKey: (place: Int32, reason: ReasonCode)] = [:]
    private var notes: [Note] = []
    private var oldest = 0

    /// - Parameter bound: how many are remembered at most, at least 1.
    init(bound: Int) {
        self.bound = max(bound, 1)
    }

    var count: Int { places.count }

    /// Why `key` counts as no session; nil where nothing is remembered, or no longer.
    func reason(for key: SessionKey, now: MonotonicInstant) -> ReasonCode? {
        guard !places.isEmpty, let found = places[key], now < notes[Int(found.place)].until else { return nil }
        return found.reason
    }

    mutating func remember(_ key: SessionKey, reason: ReasonCode, now: MonotonicInstant) {
        let note = Note(key: key, until: now.advanced(by: Self.memory))
        if let found = places[key] {
            notes[Int(found.place)] = note
            places[key] = (found.place, reason)
            return
        }
        if notes.count < bound {
            notes.append(note)
            places[key] = (Int32(notes.count - 1), reason)
            return
        }
        if let found = places[notes[oldest].key], Int(found.place) == oldest { places[notes[oldest].key] = nil }
        notes[oldest] = note
        places[key] = (Int32(oldest), reason)
        oldest = (oldest + 1) % bound
    }

    mutating func forget(_ key: SessionKey) { places[key] = nil }
}
