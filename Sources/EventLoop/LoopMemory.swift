import CLinux

/// Memory of event loops: once a loop runs, its allocator neither asks the kernel for address space nor gives any back.
///
/// Such a call waits for every other one in the process that has address space made or filled, and a password hash has its
/// 64 MiB filled for some 30 ms: a loop that waits for that answers nobody meanwhile.
public enum LoopMemory {
    /// Address space that a loop's heap gets at its start, in bytes; pages cost nothing until they are used.
    static let reserved = 16 << 20

    /// Keeps heaps at the size that they once had; to be called before the loops start.
    public static func keepHeaps() { gh_keep_heaps() }

    /// Gives the calling thread's heap its room.
    public static func reserve() { gh_reserve_heap(reserved) }
}
