import Glibc

/// The system's words for what commands meet often.
enum SystemWords {
    static let permissionDenied = of(EACCES)

    static func of(_ number: Int32) -> String {
        // `strerror` gives a text that lives until its next call on this thread, and it is copied at once.
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}

/// A connection to the server's control socket: blocking, with a deadline, closed when it is let go.
final class ControlSocket {
    /// Why nothing came of it.
    enum Failure: Error, Hashable, Sendable {
        /// No such socket, or nobody listens there.
        case nobodyListens
        /// The socket's mode or folder keeps this user out.
        case notPermitted
        /// Whoever listens there is neither this user nor root; its user id.
        case foreignPeer(UInt32)
        /// The path is longer than the kernel takes.
        case pathTooLong
        case timedOut
        case broken(String)
    }

    private let descriptor: Int32
    /// On the monotonic clock, in milliseconds.
    private let deadline: Int64

    /// Connects, and looks who listens (SO_PEERCRED, unix(7)) before a byte is sent.
    /// - Parameters:
    ///   - timeoutMilliseconds: for everything until the last byte of the answer.
    ///   - trusts: whether the user with this id may be spoken to.
    init(path: String, timeoutMilliseconds: Int64, trusts: (UInt32) -> Bool) throws(Failure) {
        var address = sockaddr_un()
        let octets = Array(path.utf8)
        guard !octets.isEmpty, octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .pathTooLong
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            // The path is shorter than the field, whose last byte stays zero.
            for (index, octet) in octets.enumerated() { unsafe target[index] = octet }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .broken(SystemWords.of(errno)) }
        self.descriptor = descriptor
        deadline = Self.now + timeoutMilliseconds
        // From here on `deinit` closes what was opened.
        try wait(SO_SNDTIMEO)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // The pointer is to a whole `sockaddr_un`.
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Self.failure(errno) }
        let peer = try peerUser()
        guard trusts(peer) else { throw .foreignPeer(peer) }
        // The server refuses everybody else, too; said here, it has words.
        guard Self.ownUser == 0 || Self.ownUser == peer else { throw .notPermitted }
    }

    deinit { _ = close(descriptor) }

    /// Sends every byte.
    func send(_ bytes: [UInt8]) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            try wait(SO_SNDTIMEO)
            let count = unsafe bytes.withUnsafeBytes { source in
                // `offset` is below the count.
                unsafe Glibc.send(
                    descriptor, source.baseAddress! + offset, bytes.count - offset,
                    Int32(truncatingIfNeeded: MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            offset += count
        }
    }

    /// Receives some bytes, 64 KiB at most; none where the peer has ended.
    func receive() throws(Failure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            try wait(SO_RCVTIMEO)
            let count = unsafe buffer.withUnsafeMutableBytes { target in
                unsafe recv(descriptor, target.baseAddress, target.count, 0)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno)
            }
            return Array(buffer.prefix(count))
        }
    }

    /// The user id of this process.
    static var ownUser: UInt32 { geteuid() }

    /// Lets the next call wait until the deadline and no longer.
    private func wait(_ option: Int32) throws(Failure) {
        let left = deadline - Self.now
        guard left > 0 else { throw .timedOut }
        var time = timeval(tv_sec: Int(left / 1000), tv_usec: Int(left % 1000) * 1000)
        let result = unsafe setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        guard result == 0 else { throw .broken(SystemWords.of(errno)) }
    }

    private func peerUser() throws(Failure) -> UInt32 {
        // `struct ucred`: pid, uid, gid, four bytes each.
        var credentials: [UInt32] = [0, .max, .max]
        var length = socklen_t(12)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length)
        guard result == 0, length == 12 else { throw .broken(SystemWords.of(errno)) }
        return credentials[1]
    }

    private static var now: Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func failure(_ number: Int32) -> Failure {
        switch number {
        case ENOENT, ECONNREFUSED, ENOTDIR: .nobodyListens
        case EACCES, EPERM: .notPermitted
        case EAGAIN, ETIMEDOUT: .timedOut
        default: .broken(SystemWords.of(number))
        }
    }
}
