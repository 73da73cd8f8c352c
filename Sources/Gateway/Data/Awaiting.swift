import Dispatch
import Synchronization

/// The way from a thread of the command line's own, which may block, to what is awaited.
enum Awaiting {
    // `@unchecked`: written once before the semaphore is raised, read once after it.
    private final class Box<Value>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }

    /// Runs `body` and waits for it.  Never to be called on a thread of the concurrency pool.
    static func result<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let (box, done) = (Box<Value>(), DispatchSemaphore(value: 0))
        Task {
            do { box.result = .success(try await body()) } catch { box.result = .failure(error) }
            done.signal()
        }
        done.wait()
        guard let result = box.result else { throw CancellationError() }
        return try result.get()
    }
}
