import CLinux

/// An IP address and a port, as the kernel takes them: 16 bytes in network order, IPv4 mapped.
public struct SocketAddress: Hashable, Sendable {
    /// The first and last eight bytes, read as big-endian numbers.
    public var high: UInt64
    public var low: UInt64
    public var port: UInt16

    public init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    typealias Octets = InlineArray<16, UInt8>

    var octets: Octets {
        Octets { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
        }
    }

    init(octets: Octets, port: UInt16) {
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(octets[index])
            halves.1 = halves.1 << 8 | UInt64(octets[index + 8])
        }
        self.init(high: halves.0, low: halves.1, port: port)
    }
}

/// How a send or receive ended.
public enum Transfer: Sendable, Hashable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now; an event will tell.
    case wouldBlock
    /// The peer has closed its side (receive only).
    case ended
    /// The connection is broken.
    case failed
}

/// A TCP or unix socket, closed when the value ends; non-blocking throughout.
public struct Socket: ~Copyable, Sendable {
    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { _ = gh_close(descriptor) } }

    /// Stands where there is no socket yet: whatever is asked of it fails.
    public static var absent: Socket { Socket(descriptor: -1) }

    /// Listens.
    /// - Parameters:
    ///   - isDualStack: an IPv6 socket that serves IPv4 too.
    ///   - backlog: connections that may wait to be accepted.
    public static func listening(
        on address: SocketAddress, isDualStack: Bool, backlog: Int32 = 4096
    ) throws(SystemError) -> Socket {
        let octets = address.octets
        let result = unsafe octets.span.withUnsafeBufferPointer { bytes in
            // `bytes` has the 16 octets that the call reads.
            unsafe gh_listen(bytes.baseAddress!, address.isIPv4 ? 1 : 0, address.port, isDualStack ? 1 : 0, backlog)
        }
        return Socket(descriptor: try SystemError.check(result, "listen on port \(address.port)"))
    }

    /// Listens on a unix socket that only its owner may connect to.  One that is left over from a process that has ended
    /// is replaced; one that is in use is not.
    public static func listening(atPath path: String, backlog: Int32 = 64) throws(SystemError) -> Socket {
        let result = unsafe path.withCString { unsafe gh_listen_path($0, backlog) }
        return Socket(descriptor: try SystemError.check(result, "listen on \(path)"))
    }

    /// True where the peer of a unix socket runs as root or as this process's own user.
    public var isPeerTrusted: Bool { gh_is_peer_trusted(descriptor) == 1 }

    /// Begins to connect; the poller reports the socket writable when the attempt has ended, and
    /// `connectionError` then tells how.
    public static func connecting(to address: SocketAddress) throws(SystemError) -> Socket {
        let octets = address.octets
        let result = unsafe octets.span.withUnsafeBufferPointer { bytes in
            // `bytes` has the 16 octets that the call reads.
            unsafe gh_connect(bytes.baseAddress!, address.isIPv4 ? 1 : 0, address.port)
        }
        return Socket(descriptor: try SystemError.check(result, "connect to port \(address.port)"))
    }

    /// Most bytes of a unix socket's path (unix(7), without the zero at its end).
    public static let longestPath = 107

    /// Begins to connect to a unix socket; as `connecting(to:)`.
    public static func connecting(toPath path: String) throws(SystemError) -> Socket {
        let result = unsafe path.withCString { unsafe gh_connect_path($0) }
        return Socket(descriptor: try SystemError.check(result, "connect to \(path)"))
    }

    /// The outcome of one accept.
    public enum Accepted: ~Copyable {
        case connection(Socket, from: SocketAddress)
        /// Nobody waits, or the one who did has gone.
        case nobody
        /// No descriptor or no memory is left for it; it still waits.
        case exhausted
    }

    /// Takes one waiting connection.
    public func accept() -> Accepted {
        var octets = SocketAddress.Octets(repeating: 0)
        var port: UInt16 = 0
        var span = octets.mutableSpan
        let result = unsafe span.withUnsafeMutableBufferPointer { bytes in
            // `bytes` has the 16 octets that the call writes; `port` lives until it returns.
            unsafe gh_accept(descriptor, bytes.baseAddress!, &port)
        }
        if result >= 0 {
            return .connection(Socket(descriptor: result), from: SocketAddress(octets: octets, port: port))
        }
        return SystemError(number: -result, attempt: "accept").isOutOfDescriptors ? .exhausted : .nobody
    }

    /// The local port, which the kernel chose where 0 was asked for.
    public var localPort: UInt16 {
        let port = gh_local_port(descriptor)
        return port < 0 ? 0 : UInt16(truncatingIfNeeded: port)
    }

    /// Where a socket is bound.
    public enum Bound: Sendable, Hashable {
        /// - Parameter isDualStack: an IPv6 socket that serves IPv4 too.
        case address(SocketAddress, isDualStack: Bool)
        /// A unix socket; the path is empty where it has none.
        case path(String)
        /// Neither.
        case unknown
    }

    /// Where this one is bound.
    public var bound: Bound {
        var octets = SocketAddress.Octets(repeating: 0)
        var (port, isDualStack): (UInt16, Int32) = (0, 0)
        var path = [CChar](repeating: 0, count: 128)
        var span = octets.mutableSpan
        let kind = unsafe span.withUnsafeMutableBufferPointer { bytes in
            unsafe path.withUnsafeMutableBufferPointer { text in
                // `bytes` has the 16 octets that the call writes, `text` as many as it is told.
                unsafe gh_bound(descriptor, bytes.baseAddress!, &port, &isDualStack, text.baseAddress!, text.count)
            }
        }
        switch kind {
        case Int32(GH_INTERNET):
            return .address(SocketAddress(octets: octets, port: port), isDualStack: isDualStack != 0)
        case Int32(GH_UNIX):
            return .path(String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        default: return .unknown
        }
    }

    /// Takes over a listening socket that another process opened; it is closed with this value.
    /// - Parameter descriptor: open, and nobody else's in this process.
    /// - Throws: where it is no listening stream socket; it is left open then.
    public static func adopting(listener descriptor: Int32) throws(SystemError) -> Socket {
        _ = try SystemError.check(gh_adopt_listener(descriptor), "use descriptor \(descriptor) as a listening socket")
        return Socket(descriptor: descriptor)
    }

    /// The descriptor's number, to be handed to another process while this value lives.
    public var number: Int32 { descriptor }

    /// The error number that a connection attempt ended with; 0 where it succeeded.
    public var connectionError: Int32 { gh_socket_error(descriptor) }

    /// Receives at most `bytes.byteCount` bytes.
    public func receive(into bytes: inout MutableRawSpan) -> Transfer {
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            // The buffer is as long as the call is told.
            unsafe gh_receive(descriptor, buffer.baseAddress, buffer.count)
        }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended }
        return Self.isTransient(count) ? .wouldBlock : .failed
    }

    /// Sends from the front of `bytes`.
    public func send(_ bytes: RawSpan) -> Transfer {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            // The buffer is as long as the call is told.
            unsafe gh_send(descriptor, buffer.baseAddress, buffer.count)
        }
        if count >= 0 { return .bytes(count) }
        return Self.isTransient(count) ? .wouldBlock : .failed
    }

    /// True where bytes, or the end of them, wait to be received; they stay where they are.
    public var hasInput: Bool { gh_peek(descriptor) != -Int(gh_again) }

    /// Has a listening socket refuse new connections from now on; it stays open.
    public func stopListening() { _ = gh_shutdown_both(descriptor) }

    /// Tells the peer that nothing more will be sent.
    public func shutdownWriting() { _ = gh_shutdown_write(descriptor) }

    /// Has the close drop what the peer has not taken, and reset the connection: else the kernel would keep the
    /// bytes, up to its send buffer's size, for as long as the peer holds its window shut.
    public func resetWhenClosed() { _ = gh_reset_when_closed(descriptor) }

    private static func isTransient(_ result: Int) -> Bool {
        result == -Int(gh_again) || result == -Int(gh_interrupted)
    }
}
