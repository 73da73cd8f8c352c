import Foundation

/// How a blocking client's wish ended when not with bytes.
enum StreamFailure: Error, Hashable {
    /// Nothing came within the time allowed.
    case timedOut
    /// The connection was reset, or refused.
    case broken(Int32)
    /// TLS ended without its own end, or with an alert.
    case tls(String)
    /// What came is no answer.
    case malformed(String)
}

/// Both directions of a connection, blocking, with a time limit on each wait.
protocol ByteStream: AnyObject {
    func send(_ bytes: some Collection<UInt8>) throws
    /// At most `most` bytes; none where the peer has ended its side properly.
    func receive(_ most: Int) throws -> [UInt8]
    /// Ends both sides at once.
    func close()
    /// The longest wait of one receive or send.
    func limitWaits(milliseconds: Int)
}

/// A TCP connection.
final class TCPStream: ByteStream {
    private(set) var descriptor: Int32

    /// Writing to a closed connection is an error here, not a signal.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    init(descriptor: Int32, seconds: Int = 20) {
        Self.ignoresBrokenPipes
        self.descriptor = descriptor
        limitWaits(milliseconds: seconds * 1000)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects over loopback.
    /// - Parameters:
    ///   - address: the last number of the 127.0.0.0/8 address to go to.
    ///   - source: the last number of the 127.0.0.0/8 address to come from.
    ///   - receiveBuffer: bytes that the kernel keeps for a slow reader; nil for its own choice.
    convenience init(
        port: UInt16, address: UInt8 = 1, source: UInt8? = nil, receiveBuffer: Int32? = nil, seconds: Int = 20
    ) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StreamFailure.broken(errno) }
        self.init(descriptor: descriptor, seconds: seconds)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source {
            let result = Self.withAddress(last: source, port: 0) { bind(descriptor, $0, $1) }
            guard result == 0 else { throw StreamFailure.broken(errno) }
        }
        let result = Self.withAddress(last: address, port: port) { connect(descriptor, $0, $1) }
        guard result == 0 else { throw StreamFailure.broken(errno) }
    }

    deinit { close() }

    static func withAddress<Result>(
        last: UInt8, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(last)).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    func limitWaits(milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        let bytes = [UInt8](bytes)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw errno == EAGAIN ? StreamFailure.timedOut : StreamFailure.broken(errno)
            }
            offset += count
        }
    }

    func receive(_ most: Int) throws -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                let received = recv(descriptor, buffer.baseAddress, most, 0)
                failure = received < 0 ? errno : 0
                count = max(0, received)
            }
            if failure == EINTR { continue }
            guard failure == 0 else {
                throw failure == EAGAIN ? StreamFailure.timedOut : StreamFailure.broken(failure)
            }
            return bytes
        }
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes so that the peer sees a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}

extension ByteStream {
    /// True where the peer says nothing for so long; what it says is lost.
    func staysSilent(milliseconds: Int) throws -> Bool {
        limitWaits(milliseconds: milliseconds)
        defer { limitWaits(milliseconds: 20_000) }
        do {
            _ = try receive(1)
            return false
        } catch StreamFailure.timedOut {
            return true
        }
    }
}
