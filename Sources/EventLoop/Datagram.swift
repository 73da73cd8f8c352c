import CLinux

/// Words to another process on this machine, without a connection.
public enum Datagram {
    /// Sends a text to a unix socket of datagrams; a path that begins with `@` is an abstract one (unix(7)).
    public static func send(_ text: String, to path: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        let result = unsafe path.withCString { path in
            unsafe bytes.withUnsafeBytes { buffer in
                // Both live during the call; the text's length is told.
                unsafe gh_send_datagram(path, buffer.baseAddress, buffer.count)
            }
        }
        _ = try SystemError.check(result, "send to \(path)")
    }
}
