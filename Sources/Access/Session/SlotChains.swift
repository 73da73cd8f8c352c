/// Chains of table slots that share a key, threaded through arrays: adding and taking out cost the same
/// however long a chain is, and nothing is allocated once the arrays have grown.
struct SlotChains<Key: Hashable & Sendable>: Sendable {
    private var heads: [Key: Int32] = [:]
    private var next: [Int32] = []
    private var previous: [Int32] = []

    /// The first slot of a chain.
    func first(_ key: Key) -> Int? { heads[key].map(Int.init) }

    /// The slot behind `slot` in its chain.
    func following(_ slot: Int) -> Int? { next[slot] < 0 ? nil : Int(next[slot]) }

    /// Puts a slot that is in no chain in front of the key's chain.
    mutating func add(_ slot: Int, to key: Key) {
        while next.count <= slot {
            next.append(-1)
            previous.append(-1)
        }
        let head = heads[key] ?? -1
        next[slot] = head
        previous[slot] = -1
        if head >= 0 { previous[Int(head)] = Int32(slot) }
        heads[key] = Int32(slot)
    }

    /// Takes a slot out of the chain of `key`, to which it must have been added.
    mutating func take(_ slot: Int, from key: Key) {
        let (before, after) = (previous[slot], next[slot])
        if after >= 0 { previous[Int(after)] = before }
        if before >= 0 {
            next[Int(before)] = after
        } else if after >= 0 {
            heads[key] = after
        } else {
            heads[key] = nil
        }
        next[slot] = -1
        previous[slot] = -1
    }
}
