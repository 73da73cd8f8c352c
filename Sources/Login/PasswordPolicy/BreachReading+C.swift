import Glibc

/// An open file of hashes; it is closed with its last holder.
///
/// Unsafe calls: `open`, `fstat` and `pread` of POSIX.  The descriptor is owned by this object alone; the buffer that
/// `pread` fills is the array's own and exactly as long as it is told.
final class BreachReading: Sendable {
    private let descriptor: Int32
    let size: Int

    init(path: String) throws(BreachFile.Fault) {
        // O_NONBLOCK: a pipe without a writer must not hold anybody.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadable(Self.words(errno)) }
        var status = stat()
        let result = unsafe fstat(descriptor, &status)
        self.descriptor = descriptor
        size = Int(status.st_size)
        guard result == 0 else { throw .unreadable(Self.words(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .isNoFile }
        guard size > 0 else { throw .isEmpty }
    }

    deinit { close(descriptor) }

    /// Exactly so many bytes from `offset` on.
    func bytes(at offset: Int, _ count: Int) throws(BreachFile.Fault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        var done = 0
        while done < bytes.count {
            let taken = unsafe bytes.withUnsafeMutableBytes { target in
                // The target has `count - done` bytes left.
                unsafe pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
            }
            if taken < 0, errno == EINTR { continue }
            guard taken >= 0 else { throw .unreadable(Self.words(errno)) }
            guard taken > 0 else { throw .unreadable("it has become shorter") }
            done += taken
        }
        return bytes
    }

    /// How many hashes the compact form has; nil where it is text.
    var compactCount: Int? {
        get throws(BreachFile.Fault) {
            let magic = BreachFile.magic
            guard size >= magic.count, try bytes(at: 0, magic.count) == magic else { return nil }
            let rest = size - magic.count
            guard rest > 0 else { throw .isEmpty }
            guard rest.isMultiple(of: BreachFile.compactWidth) else { throw .isCut }
            return rest / BreachFile.compactWidth
        }
    }

    private static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
