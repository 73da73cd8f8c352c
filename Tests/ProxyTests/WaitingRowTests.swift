import EventLoop
import Testing

@testable import Proxy

@Suite("Who waits for a connection is served in order, and no more wait than may")
struct WaitingRowTests {
    private func handle(_ index: UInt32) -> Handle { Handle(index: index, generation: 1) }

    @Test("first come, first served")
    func order() {
        var row = WaitingRow(bound: 1_000)
        for index in 0..<1_000 as Range<UInt32> { #expect(row.enter(handle(index)) == true) }
        for index in 0..<1_000 as Range<UInt32> {
            #expect(row.first == handle(index))
            row.leave(handle(index))
        }
        #expect(row.isEmpty && row.first == nil)
    }

    @Test("a full row takes nobody, until somebody leaves")
    func bound() {
        var row = WaitingRow(bound: 2)
        #expect((1...2).map { row.enter(handle($0)) } == [true, true])
        #expect(row.enter(handle(3)) == false)
        row.leave(handle(2))
        #expect(row.enter(handle(4)) == true)
        #expect(row.count == 2)
        var none = WaitingRow(bound: 0)
        #expect(none.enter(handle(1)) == false)
    }

    @Test("whoever leaves from the middle is not served, and a stranger changes nothing")
    func middle() {
        var row = WaitingRow(bound: 10)
        for index in 1...4 as ClosedRange<UInt32> { _ = row.enter(handle(index)) }
        row.leave(handle(3))
        row.leave(handle(9))
        var served: [UInt32] = []
        while let first = row.first {
            served.append(first.index)
            row.leave(first)
        }
        #expect(served == [1, 2, 4])
    }

    @Test("the loops' shares add up to the whole, and none has nothing")
    func shares() {
        for (whole, loops) in [(10, 3), (1, 1), (8, 2), (5, 4)] {
            let shares = (0..<loops).map { UpstreamGroup.share(of: whole, loop: $0, of: loops) }
            #expect(shares.reduce(0, +) == whole)
            #expect(shares.max().map { $0 - (shares.min() ?? 0) <= 1 } == true)
        }
        #expect((0..<4).map { UpstreamGroup.share(of: 2, loop: $0, of: 4) } == [1, 1, 1, 1])
        #expect(UpstreamGroup.share(of: 0, loop: 0, of: 2, least: 0) == 0)
    }
}
