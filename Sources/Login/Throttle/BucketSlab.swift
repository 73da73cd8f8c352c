import Core

/// Buckets by name, in two orders: which is full first, and which was used least recently.
///
/// A slab of slots with a heap and a linked list through it: every operation costs at most the logarithm of how many
/// there are.
struct BucketSlab: Sendable {
    private struct Slot {
        var bucket: ThrottleBucket?
        /// The bucket's, beside it: the heap compares without copying buckets.
        var fullAt = WallTime(milliseconds: 0)
        var heapIndex = 0
        var older = -1
        var newer = -1
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private var index: [ThrottleKey: Int] = [:]
    /// Slots; the one that is full first on top.
    private var heap: [Int] = []
    private var oldest = -1
    private var newest = -1

    var count: Int { index.count }
    var keys: [ThrottleKey] { Array(index.keys) }
    /// The bucket that is full first.
    var fullFirst: ThrottleBucket? { heap.first.flatMap { slots[$0].bucket } }
    /// The bucket that was used least recently.
    var leastRecentlyUsed: ThrottleBucket? { oldest < 0 ? nil : slots[oldest].bucket }

    subscript(key: ThrottleKey) -> ThrottleBucket? { index[key].flatMap { slots[$0].bucket } }

    /// Puts a bucket in, or another in its place; it is the one that was used last.
    mutating func put(_ bucket: ThrottleBucket) {
        if let slot = index[bucket.key] {
            fill(slot, bucket)
            settle(slots[slot].heapIndex)
            unlink(slot)
            link(slot)
        } else {
            let slot = free.popLast() ?? slots.count
            if slot == slots.count { slots.append(Slot()) }
            fill(slot, bucket)
            index[bucket.key] = slot
            slots[slot].heapIndex = heap.count
            heap.append(slot)
            settle(heap.count - 1)
            link(slot)
        }
    }

    /// Changes every bucket where it stands; how recently each was used stays.
    mutating func changeAll(_ change: (inout ThrottleBucket) -> Void) {
        for slot in heap {
            guard var bucket = slots[slot].bucket else { continue }
            change(&bucket)
            fill(slot, bucket)
        }
        for position in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(position) }
    }

    /// Puts a bucket in the place of the one with its name and moment; how recently it was used stays.
    mutating func replace(_ bucket: ThrottleBucket) {
        guard let slot = index[bucket.key] else { return }
        fill(slot, bucket)
        settle(slots[slot].heapIndex)
    }

    /// Makes it the one that was used last.
    mutating func touch(_ key: ThrottleKey) {
        guard let slot = index[key] else { return }
        unlink(slot)
        link(slot)
    }

    @discardableResult
    mutating func remove(_ key: ThrottleKey) -> ThrottleBucket? {
        guard let slot = index.removeValue(forKey: key) else { return nil }
        unlink(slot)
        let position = slots[slot].heapIndex
        let last = heap.removeLast()
        if last != slot {
            heap[position] = last
            slots[last].heapIndex = position
            settle(position)
        }
        let bucket = slots[slot].bucket
        slots[slot] = Slot()
        free.append(slot)
        return bucket
    }

    mutating func removeAll() { self = BucketSlab() }

    private mutating func fill(_ slot: Int, _ bucket: ThrottleBucket) {
        slots[slot].bucket = bucket
        slots[slot].fullAt = bucket.fullAt
    }

    // MARK: The list

    private mutating func link(_ slot: Int) {
        (slots[slot].older, slots[slot].newer) = (newest, -1)
        if newest >= 0 { slots[newest].newer = slot } else { oldest = slot }
        newest = slot
    }

    private mutating func unlink(_ slot: Int) {
        let (older, newer) = (slots[slot].older, slots[slot].newer)
        if older >= 0 { slots[older].newer = newer } else { oldest = newer }
        if newer >= 0 { slots[newer].older = older } else { newest = older }
    }

    // MARK: The heap

    private func isBefore(_ one: Int, _ other: Int) -> Bool { slots[heap[one]].fullAt < slots[heap[other]].fullAt }

    private mutating func exchange(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        slots[heap[one]].heapIndex = one
        slots[heap[other]].heapIndex = other
    }

    /// Moves what stands there up or down to its place.
    private mutating func settle(_ position: Int) {
        var position = position
        while position > 0, isBefore(position, (position - 1) / 2) {
            exchange(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
        sink(position)
    }

    private mutating func sink(_ position: Int) {
        var position = position
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != position else { return }
            exchange(position, least)
            position = least
        }
    }
}
