import Core
import Foundation
import HostCrypto
import Testing

@testable import Login

@Suite("Password hash queue")
struct PasswordHashQueueTests {
    private let clock = TestClock()

    private func queue(threads: Int = 1, bound: Int = 64) -> PasswordHashQueue {
        let clock = clock
        return PasswordHashQueue(cost: LoginWorld.cheap, exactly: threads, bound: bound, clock: { clock.monotonic() })
    }

    @Test("a password fits its own hash and no other, and nobody where there is none")
    func verify() async throws {
        let queue = queue()
        let visitor = try clientAddress("203.0.113.7")
        guard case .done(let hash) = await queue.hash(try normalized("secret"), for: nil) else { throw Missing() }
        #expect(hash.cost == LoginWorld.cheap)
        let right = await queue.verify(
            try normalized("secret"), against: [.own(hash), nil, .own(hash)], for: visitor, isKnownDevice: false)
        guard case .done([true, false, true]) = right else { throw Missing() }
        let wrong = await queue.verify(
            try normalized("other"), against: [.own(hash)], for: visitor, isKnownDevice: false)
        guard case .done([false]) = wrong else { throw Missing() }
        let nobody = await queue.verify(try normalized("secret"), against: [], for: visitor, isKnownDevice: false)
        guard case .done([false]) = nobody else { throw Missing() }
        #expect(queue.metrics.done == 6 && queue.metrics.waiting == 0 && queue.metrics.refused == 0)
    }

    /// Submits without a thread that would take it, and returns when it waits or was answered.
    private func wait(
        _ queue: PasswordHashQueue, _ address: String, until waiting: Int
    ) async throws -> Task<PasswordHashQueue.Answer<[Bool]>, Never> {
        let (password, client) = (try normalized("secret"), try clientAddress(address))
        let task = Task { await queue.verify(password, against: [nil], for: client, isKnownDevice: false) }
        while queue.metrics.waiting < waiting { await Task.yield() }
        return task
    }

    @Test("where it is full the next one is told when to come again")
    func full() async throws {
        let queue = queue(threads: 0, bound: 2)
        let tasks = [
            try await wait(queue, "203.0.113.1", until: 1), try await wait(queue, "198.51.100.1", until: 2),
        ]
        let late = await queue.verify(
            try normalized("secret"), against: [nil], for: try clientAddress("192.0.2.1"), isKnownDevice: false)
        guard case .busy(let retryAfter) = late else { throw Missing() }
        #expect(retryAfter == .seconds(1))
        #expect(queue.metrics.waiting == 2 && queue.metrics.bound == 2 && queue.metrics.refused == 1)
        for task in tasks { task.cancel() }
        for task in tasks { guard case .busy = await task.value else { throw Missing() } }
        #expect(queue.metrics.waiting == 0)
    }

    @Test("a known device takes a stranger's place, who is told to come again")
    func displaced() async throws {
        let queue = queue(threads: 0, bound: 1)
        let stranger = try await wait(queue, "203.0.113.1", until: 1)
        let (password, client) = (try normalized("secret"), try clientAddress("192.0.2.1"))
        let known = Task { await queue.verify(password, against: [nil], for: client, isKnownDevice: true) }
        guard case .busy = await stranger.value else { throw Missing() }
        #expect(queue.metrics.waiting == 1)
        known.cancel()
        guard case .busy = await known.value else { throw Missing() }
    }

    @Test("nobody waits longer than ten seconds")
    func overdue() async throws {
        let queue = queue(threads: 0)
        let first = try await wait(queue, "203.0.113.1", until: 1)
        clock.advance(Milliseconds(10_001))
        let second = try await wait(queue, "198.51.100.1", until: 1)
        guard case .busy = await first.value else { throw Missing() }
        #expect(queue.metrics.waiting == 1 && queue.metrics.refused == 1)
        second.cancel()
        guard case .busy = await second.value else { throw Missing() }
    }

    @Test("whoever is cancelled before they wait is answered too")
    func cancelledEarly() async throws {
        let queue = queue(threads: 0)
        let password = try normalized("secret")
        let client = try clientAddress("203.0.113.1")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await queue.verify(password, against: [nil], for: client, isKnownDevice: false)
        }
        task.cancel()
        guard case .busy = await task.value else { throw Missing() }
        #expect(queue.metrics.waiting == 0)
    }

    @Test("many at once are all answered")
    func many() async throws {
        let queue = queue(threads: 2)
        let password = try normalized("secret")
        let answers = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let client = ClientAddress(ipv4: UInt32(index) << 8)
                    let answer = await queue.verify(password, against: [nil], for: client, isKnownDevice: false)
                    if case .done([false]) = answer { return true } else { return false }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answers == 40 && queue.metrics.done == 40)
    }

    @Test("its threads have a name and a low priority")
    func priority() async throws {
        let queue = queue()
        guard case .done = await queue.hash(try normalized("secret"), for: nil) else { throw Missing() }
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
            try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8)
        }
        let stat = try #require(threads.first { $0.contains("(gatehouse-hash)") })
        let own = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        // The nineteenth field is the niceness; the second one ends with a bracket.
        let niceness = { (stat: String) in Int(stat.split(separator: ")").last?.split(separator: " ")[16] ?? "") }
        #expect(niceness(stat) == min(19, (niceness(own) ?? 0) + 10))
        #expect(queue.metrics.threads == 1)
    }
}
