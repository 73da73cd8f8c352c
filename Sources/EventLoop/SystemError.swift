import CLinux

/// A system call that failed: what was tried, and the kernel's error number.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errno value (errno(3)).
    public let number: Int32
    /// The call, for a message: `listen on [::]:8443`.
    public let attempt: String

    public init(number: Int32, attempt: String) {
        self.number = number
        self.attempt = attempt
    }

    /// The port is taken by another process.
    public var isAddressInUse: Bool { number == gh_address_in_use }
    /// The process may not do this: a port below 1024, for example.
    public var isPermissionDenied: Bool { number == gh_permission_denied }
    /// No interface of this machine has the address.
    public var isAddressUnavailable: Bool { number == gh_address_unavailable }
    /// The other end of a connection is closed.
    public var isPeerGone: Bool { number == gh_broken_pipe || number == gh_connection_reset }
    /// The process or the machine is out of descriptors or of socket memory.
    public var isOutOfDescriptors: Bool {
        number == gh_too_many_open || number == gh_too_many_open_system || number == gh_no_buffers
            || number == gh_no_memory
    }

    /// The kernel's words.
    public var words: String {
        var buffer = [CChar](repeating: 0, count: 128)
        return unsafe buffer.withUnsafeMutableBufferPointer { pointer in
            // The buffer outlives the call, and strerror_r ends what it returns with NUL.
            guard let base = pointer.baseAddress, let text = unsafe gh_error_text(number, base, pointer.count) else {
                return "error \(number)"
            }
            return unsafe String(cString: text)
        }
    }

    public var description: String { "\(attempt): \(words)" }

    static func check(_ result: Int32, _ attempt: @autoclosure () -> String) throws(SystemError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemError(number: -result, attempt: attempt())
    }
}
