import EventLoop

/// Exchanges of one loop that wait for a connection to an upstream, in the order in which they came.
struct WaitingRow {
    private var handles: [Handle] = []
    /// How many of `handles`, at the front, have been served already.
    private var served = 0
    /// Most that may wait.
    var bound: Int

    init(bound: Int) { self.bound = bound }

    var count: Int { handles.count - served }
    var isEmpty: Bool { served == handles.count }
    /// Whose turn it is.
    var first: Handle? { isEmpty ? nil : handles[served] }

    /// Takes the last place; false where the row is full.
    mutating func enter(_ handle: Handle) -> Bool {
        guard count < bound else { return false }
        handles.append(handle)
        return true
    }

    /// Gives a place up, wherever it is.
    mutating func leave(_ handle: Handle) {
        if first == handle {
            served += 1
        } else if let place = handles[served...].firstIndex(of: handle) {
            handles.remove(at: place)
        }
        // What was served is let go of in large pieces, so that each place costs one move at most.
        guard served == handles.count || served >= 256, served * 2 >= handles.count else { return }
        handles.removeFirst(served)
        served = 0
    }
}
