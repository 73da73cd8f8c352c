import Core
import Testing

@testable import Login

@Suite("Fair queue")
struct FairQueueTests {
    private var queue = FairQueue<String>(bound: 12, networkBound: 8)
    private var ticket: UInt64 = 0

    /// `-` where it was refused, the displaced element, or nothing.
    private mutating func push(
        _ name: String, _ address: String, known: Bool = false, at milliseconds: UInt64 = 0
    ) throws -> String {
        ticket += 1
        let admission = queue.push(
            name, ticket: ticket, from: try clientAddress(address), isKnownDevice: known,
            at: MonotonicInstant(milliseconds: milliseconds))
        switch admission {
        case .waiting: return ""
        case .displacing(let other): return other
        case .refused: return "-"
        }
    }

    private mutating func drain() -> [String] {
        var drained: [String] = []
        while let next = queue.pop() { drained.append(next) }
        return drained
    }

    @Test("networks take turns, whatever one of them sends; a /24 and a /48 are one")
    mutating func turns() throws {
        for (name, address) in [
            ("a1", "203.0.113.1"), ("a2", "203.0.113.2"), ("a3", "203.0.113.3"), ("b1", "198.51.100.1"),
            ("c1", "2001:db8:1:1::1"), ("c2", "2001:db8:1:2::1"),
        ] { #expect(try push(name, address).isEmpty) }
        #expect(drain() == ["a1", "b1", "c1", "a2", "c2", "a3"])
        #expect(queue.count == 0)
    }

    @Test("known devices come first")
    mutating func knownFirst() throws {
        _ = try push("a", "203.0.113.1")
        _ = try push("k", "198.51.100.1", known: true)
        #expect(queue.knownCount == 1)
        #expect(drain() == ["k", "a"])
    }

    @Test("known devices that never cease hold nobody up: of those who wait, each fourth is a stranger")
    mutating func strangersTurn() throws {
        _ = try push("a", "203.0.113.1")
        for index in 0..<4 { _ = try push("k\(index)", "198.51.100.1", known: true) }
        var served: [String] = []
        for index in 4..<12 {
            let next = queue.pop()
            served.append(try #require(next))
            #expect(try push("k\(index)", "198.51.100.1", known: true).isEmpty)
            if index == 7 { _ = try push("b", "192.0.2.1") }
        }
        #expect(served == ["k0", "k1", "k2", "a", "k3", "k4", "k5", "b"])
    }

    @Test("a stranger's turn is not saved up while none waits")
    mutating func strangersTurnIsNotSaved() throws {
        for index in 0..<6 { _ = try push("k\(index)", "198.51.100.1", known: true) }
        for _ in 0..<4 { _ = queue.pop() }
        _ = try push("a", "203.0.113.1")
        #expect(drain() == ["k4", "k5", "a"])
    }

    @Test("a network waits with eight at most; its known devices have eight of their own")
    mutating func networkBound() throws {
        for index in 0..<8 { #expect(try push("a\(index)", "203.0.113.1").isEmpty) }
        #expect(try push("a8", "203.0.113.1") == "-")
        #expect(try push("k", "203.0.113.1", known: true).isEmpty)
        #expect(queue.count == 9)
    }

    @Test("where it is full, a newcomer takes the last place of the network that has most, if it keeps more")
    mutating func displaces() throws {
        for index in 0..<8 { _ = try push("a\(index)", "203.0.113.1") }
        for index in 0..<4 { _ = try push("b\(index)", "198.51.100.\(index)") }
        #expect(queue.hasRoom(forStrangerFrom: try clientAddress("192.0.2.1")))
        #expect(try push("c", "192.0.2.1") == "a7")
        #expect(try push("b4", "198.51.100.9") == "a6")
        #expect(!queue.hasRoom(forStrangerFrom: try clientAddress("198.51.100.9")))
        #expect(try push("b5", "198.51.100.9") == "-")
        #expect(queue.count == 12)
    }

    @Test("where it is full of one from each, a stranger is refused and a known device takes a place")
    mutating func full() throws {
        for index in 0..<12 { _ = try push("\(index)", "203.0.\(index).1") }
        #expect(try push("late", "198.51.100.1") == "-")
        #expect(!["", "-"].contains(try push("known", "198.51.100.1", known: true)))
        #expect(queue.count == 12 && queue.pop() == "known")
    }

    @Test("where it is full of known devices, a stranger is refused")
    mutating func fullOfKnown() throws {
        for index in 0..<12 { _ = try push("\(index)", "203.0.\(index).1", known: true) }
        #expect(try push("stranger", "198.51.100.1") == "-")
        #expect(try push("known", "198.51.100.1", known: true) == "-")
    }

    @Test("whoever leaves is gone, and their network's turn goes to the next")
    mutating func remove() throws {
        for name in ["a1", "a2"] { _ = try push(name, "203.0.113.1") }
        _ = try push("b1", "198.51.100.1")
        #expect(queue.remove(1) == "a1")
        #expect(queue.remove(1) == nil)
        #expect(drain() == ["a2", "b1"])
    }

    @Test("those who wait since before a moment are taken out, the others stay")
    mutating func overdue() throws {
        _ = try push("a", "203.0.113.1", at: 1)
        _ = try push("b", "203.0.113.1", at: 5)
        _ = try push("k", "203.0.113.1", known: true, at: 1)
        #expect(queue.removeAll(waitingSinceBefore: MonotonicInstant(milliseconds: 5)) == ["k", "a"])
        #expect(drain() == ["b"])
    }
}
