import Glibc

/// The folder that the master key is made in.
enum KeyFolder {
    /// Makes the folder with mode 0700 unless it is there; its parent must be.
    /// - Returns: nil, or the system's words.
    static func make(_ path: String) -> String? {
        guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { return nil }
        return SystemWords.of(errno)
    }

    /// Whether something stands at this path.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}

/// Standard input, as far as secrets come from it.
public enum SecretInput {
    /// Bytes that are read at most: the longest password that is ever looked at, and a line's end.
    static let longest = 4096 + 2

    /// Reads standard input to its end, without one line's end behind the last byte; nil where it is longer than
    /// any secret, or cannot be read.  A terminal does not show what is typed.
    static func octets(_ descriptor: Int32 = STDIN_FILENO) -> [UInt8]? {
        let echo = hideEcho(descriptor)
        defer { restore(echo, descriptor) }
        var bytes = [UInt8](repeating: 0, count: longest + 1)
        var count = 0
        while count <= longest {
            let taken = unsafe bytes.withUnsafeMutableBytes { target in
                // The target has `longest + 1 - count` bytes left.
                unsafe read(descriptor, target.baseAddress! + count, longest + 1 - count)
            }
            if taken < 0 && errno == EINTR { continue }
            guard taken >= 0 else { return nil }
            count += taken
            // A person's line is whole with its end; a pipe's text is whole where it ends.
            if taken == 0 || (echo != nil && bytes[count - 1] == 0x0A) { break }
        }
        guard count <= longest else { return nil }
        if count > 0, bytes[count - 1] == 0x0A { count -= 1 }
        if count > 0, bytes[count - 1] == 0x0D { count -= 1 }
        for index in count..<bytes.count { bytes[index] = 0 }
        bytes.removeSubrange(count...)
        return bytes
    }

    private static func hideEcho(_ descriptor: Int32) -> termios? {
        var settings = termios()
        guard isatty(descriptor) == 1, unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &settings)
        return before
    }

    private static func restore(_ settings: termios?, _ descriptor: Int32) {
        guard var settings else { return }
        _ = unsafe tcsetattr(descriptor, TCSAFLUSH, &settings)
    }
}
