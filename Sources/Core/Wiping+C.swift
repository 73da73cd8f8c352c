import Glibc

/// Overwriting of memory that the optimiser may not leave out.
public enum Wiping {
    /// Overwrites an array's own memory and empties it.
    public static func wipe(_ bytes: inout [UInt8]) {
        // The pointer covers the array's whole memory and does not leave the closure.
        unsafe bytes.withUnsafeMutableBytes { unsafe wipe($0) }
        bytes = []
    }

    /// Overwrites the memory with zeros.  The caller owns it.
    static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
        guard let start = memory.baseAddress else { return }
        unsafe explicit_bzero(start, memory.count)
    }
}
