import CLinux

/// A file that lines are appended to, or the standard output.
public struct AppendFile: ~Copyable, Sendable {
    private let descriptor: Int32
    private let isOwned: Bool

    /// Opens or makes the file, mode 0640.
    public init(path: String) throws(SystemError) {
        let result = unsafe path.withCString { unsafe gh_open_append($0) }
        descriptor = try SystemError.check(result, "open \(path)")
        isOwned = true
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        isOwned = false
    }

    /// The process's standard output.
    public static var standardOutput: AppendFile { AppendFile(descriptor: 1) }
    /// The process's standard error.
    public static var standardError: AppendFile { AppendFile(descriptor: 2) }

    deinit { if isOwned { _ = gh_close(descriptor) } }

    /// Writes all bytes; false where the file took no more (a full disk, a closed pipe).
    public func write(_ bytes: RawSpan) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                // `offset` is below the count.
                let result = unsafe gh_write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
                if result == -Int(gh_interrupted) { continue }
                guard result > 0 else { return false }
                offset += result
            }
            return true
        }
    }

    /// Writes the text.
    public func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe write(bytes.span.bytes)
    }
}
