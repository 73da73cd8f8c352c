import EventLoop
import TestSupport
import Testing

@Suite("Timer queue: deadlines")
struct TimerQueueTests {
    private func token(_ number: Int) -> PollToken {
        PollToken(kind: 2, handle: Handle(index: UInt32(number), generation: 1))
    }

    @Test("nothing is due in an empty queue, and nothing before its time")
    func early() {
        var queue = TimerQueue()
        #expect(queue.earliest == nil)
        var none = queue.next(now: .max)
        #expect(none == nil)
        queue.schedule(token(1), due: 100)
        none = queue.next(now: 99)
        #expect(none == nil)
        #expect(queue.earliest == 100)
        let found = queue.next(now: 100)
        #expect(found?.token == token(1) && found?.due == 100)
        #expect(queue.count == 0)
    }

    @Test("10,000 random deadlines come out as a sorted list has them")
    func model() throws {
        var random = SeededGenerator(seed: 99)
        var queue = TimerQueue()
        var model: [UInt64] = []
        var now: UInt64 = 0
        for step in 0..<10_000 {
            let due = now + UInt64.random(in: 0...500, using: &random)
            queue.schedule(token(step), due: due)
            model.append(due)
            guard step % 7 == 0 else { continue }
            now += UInt64.random(in: 0...60, using: &random)
            model.sort()
            while let first = model.first, first <= now {
                let found = queue.next(now: now)
                try #require(found?.due == first)
                model.removeFirst()
            }
            let early = queue.next(now: now)
            #expect(early == nil)
            #expect(queue.earliest == model.first)
            #expect(queue.count == model.count)
        }
    }

    @Test("each entry comes out with its own token")
    func tokens() throws {
        var queue = TimerQueue()
        for number in 0..<200 { queue.schedule(token(number), due: UInt64((number * 37) % 200)) }
        for due in 0..<200 {
            let next = queue.next(now: .max)
            let found = try #require(next)
            #expect(found.due == UInt64(due))
            #expect((Int(found.token.handle.index) * 37) % 200 == due)
        }
    }
}
