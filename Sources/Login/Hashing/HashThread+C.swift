import Glibc

/// Threads of low priority, so that hashes take what requests leave.
enum HashThread {
    /// Steps of niceness above the process's own; on Linux each thread has its own.
    static let niceness: Int32 = 10

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Processors that are online.
    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Runs `body` on a thread of its own, named `gatehouse-hash`, and returns at once.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(
            Box {
                name("gatehouse-hash")
                _ = nice(niceness)
                body()
            })
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

    /// Names the calling thread; one that stays nameless works as well.
    private static func name(_ name: String) {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let octets = Array(name.utf8)
        // The call reads the array's own bytes.
        _ = unsafe write(file, octets, octets.count)
        close(file)
    }
}

/// Counts what there is to do; threads wait on it.
@safe final class HashSignal: @unchecked Sendable {
    // `@unchecked`: the kernel's semaphore is made for many threads.  Invariant: `semaphore` points at one initialised
    // semaphore from `init` to `deinit`, and whoever waits on it holds this object.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    /// One more to do.
    func post() { unsafe sem_post(semaphore) }

    /// Waits until there is something to do and takes it.
    func wait() { while unsafe sem_wait(semaphore) != 0 {} }
}
