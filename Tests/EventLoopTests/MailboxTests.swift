import EventLoop
import Synchronization
import Testing

@Suite("Mailbox and wake-ups")
struct MailboxTests {
    @Test("no message of many threads is lost, and each thread's stay in order")
    func threads() throws {
        let poller = try Poller()
        let mailbox = Mailbox<(Int, Int)>(waker: poller.waker)
        let (threads, messages) = (8, 2000)
        for thread in 0..<threads {
            LoopThread.start(name: "poster-\(thread)") {
                for message in 0..<messages { mailbox.post((thread, message)) }
            }
        }
        var next = [Int](repeating: 0, count: threads)
        var taken = 0
        while taken < threads * messages {
            // Ten seconds of silence mean that a wake-up was lost.
            try #require(poller.wait(milliseconds: 10_000) > 0)
            #expect(poller.event(at: 0).token.kind == Poller.wakeupKind)
            poller.acknowledgeWakeup()
            for (thread, message) in mailbox.takeAll() {
                #expect(message == next[thread])
                next[thread] = message + 1
                taken += 1
            }
        }
        #expect(next == [Int](repeating: messages, count: threads))
        #expect(mailbox.takeAll().isEmpty)
        #expect(poller.wait(milliseconds: 0) <= 1)
    }

    @Test("many wake-ups are one event, and an acknowledged one is over")
    func coalescing() throws {
        let poller = try Poller()
        #expect(poller.wait(milliseconds: 0) == 0)
        for _ in 0..<100 { poller.waker.wake() }
        #expect(poller.wait(milliseconds: 0) == 1)
        poller.acknowledgeWakeup()
        #expect(poller.wait(milliseconds: 0) == 0)
    }

    @Test("a wake-up that comes after its poller's end reaches nobody else")
    func late() throws {
        var waker: Waker
        do {
            let poller = try Poller()
            waker = poller.waker
        }
        // The number of the descriptor would be free again if the waker did not hold it.
        let others = try (0..<16).map { _ in try Holder() }
        waker.wake()
        for other in others { #expect(other.poller.wait(milliseconds: 0) == 0) }
        waker = others[0].poller.waker
        waker.wake()
        #expect(others[0].poller.wait(milliseconds: 0) == 1)
    }

    private final class Holder {
        let poller: Poller
        init() throws { poller = try Poller() }
    }

    @Test("a sleeper is woken by another thread, also by a wake-up that came before")
    func eventWait() throws {
        let events = try EventWait()
        events.wake()
        events.wait(milliseconds: nil)
        events.wait(milliseconds: 0)
        let woken = Mutex(false)
        let ended = try EventWait()
        LoopThread.start(name: "sleeper") {
            events.wait(milliseconds: nil)
            woken.withLock { $0 = true }
            ended.wake()
        }
        events.wake()
        ended.wait(milliseconds: nil)
        #expect(woken.withLock { $0 })
    }
}
