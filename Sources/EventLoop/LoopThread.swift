import CLinux
import Glibc

/// Threads of the process's own, outside the concurrency pool.
public enum LoopThread {
    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a thread of its own and returns at once.
    /// - Parameter name: at most 15 bytes, as `top -H` shows it.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let named = { @Sendable in
            _ = unsafe String(name.prefix(15)).withCString { unsafe gh_name_thread($0) }
            body()
        }
        let box = unsafe Unmanaged.passRetained(Box(named))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let result = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                // The box was retained for this thread alone.
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        unsafe pthread_attr_destroy(&attributes)
        precondition(result == 0, "no thread could be started")
    }
}
