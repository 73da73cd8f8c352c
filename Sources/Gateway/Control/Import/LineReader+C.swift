import Glibc

/// Reads a file line by line in bounded memory, whatever its size and whatever stands in it.
///
/// Invariant: the descriptor is this object's own and is closed when it is let go; the buffer that `read` fills is the
/// array's own and exactly as long as it is told.
final class LineReader {
    /// What a line is.
    enum Line: Equatable {
        case text([UInt8])
        /// It has more bytes than a line may; it was passed over.
        case tooLong
    }

    /// Bytes of a file.
    static let largestFile = 1 << 30

    /// Bytes of the whole file, as it was when it was opened.
    let size: Int
    /// Bytes that have been read.
    private(set) var position = 0
    private let descriptor: Int32
    private let longestLine: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Throws: why the file cannot be read, in words.
    init(_ path: String, longestLine: Int) throws(FileInspector.Failure) {
        // O_NONBLOCK: a pipe without a writer must not hold the command.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw FileInspector.failure(errno) }
        var status = stat()
        let fault: FileInspector.Failure? =
            if unsafe fstat(descriptor, &status) != 0 {
                FileInspector.failure(errno)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                .isFolder
            } else if status.st_mode & S_IFMT != S_IFREG {
                .isSpecial
            } else if status.st_size > Self.largestFile {
                .tooLarge
            } else {
                nil
            }
        if let fault {
            close(descriptor)
            throw fault
        }
        self.descriptor = descriptor
        self.longestLine = longestLine
        size = status.st_size
    }

    deinit { close(descriptor) }

    /// The next line without its end; nil behind the last.
    func next() throws(FileInspector.Failure) -> Line? {
        var isTooLong = false
        var looked = start
        while true {
            if let end = buffer[looked...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return isTooLong || end - start > longestLine + 1 ? .tooLong : .text(line(upTo: end))
            }
            if buffer.count - start > longestLine + 1 {
                // What is too long is thrown away as it comes.
                isTooLong = true
                start = buffer.count
            }
            guard !isAtEnd else {
                defer { start = buffer.count }
                guard isTooLong || start < buffer.count else { return nil }
                return isTooLong ? .tooLong : .text(line(upTo: buffer.count))
            }
            buffer.removeFirst(start)
            start = 0
            looked = buffer.count
            try fill()
        }
    }

    private func line(upTo end: Int) -> [UInt8] {
        let isCRLF = end > start && buffer[end - 1] == 0x0D
        return Array(buffer[start..<(isCRLF ? end - 1 : end)])
    }

    private func fill() throws(FileInspector.Failure) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileInspector.failure(errno) }
            isAtEnd = count == 0
            position += count
            buffer += chunk[..<count]
            return
        }
    }
}
