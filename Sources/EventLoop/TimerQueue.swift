/// Deadlines of a loop's connections.
///
/// A deadline that moves later costs nothing: the entry stays where it is, and when it comes up its owner
/// says that it is not due yet and schedules the new time; when it moves earlier, the owner schedules another
/// entry and ignores the old one by its time.  A keep-alive connection under load so causes one
/// heap operation per time-out period, not one per request.
public struct TimerQueue {
    private struct Entry {
        var due: UInt64
        var token: PollToken
    }

    private var heap: [Entry] = []

    public init() {}

    /// Entries waiting, stale ones included.
    public var count: Int { heap.count }

    /// When the earliest entry is due, in monotonic milliseconds.
    public var earliest: UInt64? { heap.first?.due }

    /// Adds an entry.
    public mutating func schedule(_ token: PollToken, due: UInt64) {
        heap.append(Entry(due: due, token: token))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the earliest entry that is due at `now`; nil where none is.
    public mutating func next(now: UInt64) -> (token: PollToken, due: UInt64)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return (first.token, first.due) }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { break }
            let right = left + 1
            let child = right < heap.count && heap[right].due < heap[left].due ? right : left
            guard heap[child].due < heap[parent].due else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return (first.token, first.due)
    }
}
