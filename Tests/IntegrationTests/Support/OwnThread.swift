import Foundation
import Testing

/// Runs each test on a thread of its own.
///
/// The clients of these tests block on sockets, and the gateway answers probes and pages on the concurrency
/// pool, which has one thread a processor: a few blocked tests there would keep the gateway from answering them.
struct OwnThread: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// A thread for each test.
    static var ownThread: OwnThread { OwnThread() }
}

/// Runs every job on a fresh thread.
private final class ThreadExecutor: TaskExecutor {
    static let shared = ThreadExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}

/// Runs `body` for 0, 1, 2 … on as many threads at once, and waits for all of them.
/// - Throws: the first error that one of them threw.
func inParallel<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    let results = Shared<[Int: Swift.Result<Result, any Error>]>([:])
    let done = DispatchSemaphore(value: 0)
    for index in 0..<count {
        Thread.detachNewThread {
            let result = Swift.Result { try body(index) }
            results.change { $0[index] = result }
            done.signal()
        }
    }
    for _ in 0..<count { done.wait() }
    let all = results.value
    return try (0..<count).compactMap { try all[$0]?.get() }
}

/// A value that several threads change.
final class Shared<Value: Sendable>: @unchecked Sendable {
    // `@unchecked`: every access holds the lock.
    private let condition = NSCondition()
    private var held: Value

    init(_ value: Value) { held = value }

    var value: Value {
        condition.lock()
        defer { condition.unlock() }
        return held
    }

    func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&held)
    }

    /// Waits until the value is as wanted; false after `seconds`.
    func waits(seconds: Double = 10, until isWanted: (Value) -> Bool) -> Bool {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isWanted(held) {
            guard condition.wait(until: limit) else { return isWanted(held) }
        }
        return true
    }
}

/// Asks again and again until the answer is yes; false after `seconds`.  For what only polling can tell, such as a
/// probe; each question is a round trip of its own.
func becomesTrue(within seconds: Double = 30, _ question: () throws -> Bool) rethrows -> Bool {
    let limit = Date(timeIntervalSinceNow: seconds)
    while true {
        if try question() { return true }
        if Date() > limit { return false }
        sched_yield()
    }
}
