import EventLoop
import HTTPWire
import HostCrypto

/// The way of bytes to a server: a socket, and TLS over it where the server speaks it.
///
/// The one seam between what is said to a server and how it gets there: plaintext goes in and comes out, whatever
/// carries it, and a protocol above knows neither sockets nor records.  Every call that may write sends what it has
/// at once, so that the scratch is empty between calls.
struct UpstreamTransport: ~Copyable {
    let socket: Socket
    private var tls: TLSSession?
    /// What the socket did not take, as it goes over the wire.
    private(set) var backlog = WireBuffer()
    /// The server has ended its side in order (close_notify).
    private var hasEnded = false
    private var hasFailed = false
    /// True where bytes can be sent: in clear at once, over TLS when the handshake is done.
    private(set) var isReady: Bool

    /// Memory that the transports of one loop share.
    final class Scratch {
        let tls = TLSScratch()
        var ciphertext = WireBuffer()
    }

    /// - Parameter tls: nil speaks in clear.
    init(_ socket: consuming Socket, tls: consuming TLSSession? = nil) {
        self.socket = socket
        isReady = tls == nil
        self.tls = tls
    }

    /// The application protocol that TLS agreed on; "" where none was.
    var chosenProtocol: String {
        mutating get { tls?.chosenProtocol ?? "" }
    }

    var isTLS: Bool { tls != nil }

    /// Has the poller tell of everything that becomes possible on the socket.
    func watch(with poller: borrowing Poller, token: PollToken) throws(SystemError) {
        try poller.add(stream: socket, token: token)
    }

    /// True where TLS has resumed an earlier session.
    var isResumed: Bool {
        mutating get { tls?.isResumed == true }
    }

    /// How a receive ended; the plaintext is in the buffer.
    enum Receipt {
        /// So many bytes came over the wire, of plaintext perhaps none.
        /// - Parameter isDrained: the socket has no more now.
        case bytes(Int, isDrained: Bool)
        case wouldBlock
        /// The server has closed its side in order.
        case ended
        /// The connection is broken; where TLS says why, in its words.
        case failed(tlsFault: String?)
    }

    /// Begins the handshake once the socket is connected; nothing to do in clear.
    mutating func begin(into plain: inout WireBuffer, _ scratch: Scratch) -> Receipt {
        guard tls != nil else { return .wouldBlock }
        scratch.ciphertext.removeAll()
        return decrypt(0, isDrained: true, into: &plain, scratch)
    }

    /// Receives at most `size` bytes from the socket, and appends what they say.
    mutating func receive(into plain: inout WireBuffer, size: Int, _ scratch: Scratch) -> Receipt {
        if hasEnded { return .ended }
        guard tls != nil else {
            let (transfer, isDrained) = Self.receive(from: socket, size, into: &plain)
            switch transfer {
            case .bytes(let count): return .bytes(count, isDrained: isDrained)
            case .wouldBlock: return .wouldBlock
            case .ended: return .ended
            case .failed: return .failed(tlsFault: nil)
            }
        }
        scratch.ciphertext.removeAll()
        let (transfer, isDrained) = Self.receive(from: socket, size, into: &scratch.ciphertext)
        switch transfer {
        case .bytes(let count): return decrypt(count, isDrained: isDrained, into: &plain, scratch)
        case .wouldBlock: return .wouldBlock
        case .ended:
            // Without close_notify nobody can tell a whole answer from one that was cut (RFC 9112 §9.8).
            hasFailed = true
            return .failed(tlsFault: isReady ? nil : "the server closed the connection during the handshake")
        case .failed:
            hasFailed = true
            return .failed(tlsFault: nil)
        }
    }

    private static func receive(
        from socket: borrowing Socket, _ size: Int, into buffer: inout WireBuffer
    ) -> (Transfer, isDrained: Bool) {
        buffer.withRoom(size) { room in
            let asked = room.byteCount
            let transfer = socket.receive(into: &room)
            guard case .bytes(let count) = transfer else { return (0, (transfer, true)) }
            return (count, (transfer, count < asked))
        }
    }

    private mutating func decrypt(
        _ count: Int, isDrained: Bool, into plain: inout WireBuffer, _ scratch: Scratch
    ) -> Receipt {
        let progress = scratch.ciphertext.withBytes { input in
            plain.withRoom(input.byteCount + TLSSession.recordOverhead) { room in
                var written = 0
                let progress =
                    tls?.receive(input, scratch: scratch.tls, into: &room, written: &written) ?? .ended
                return (written, progress)
            }
        }
        if !isReady { isReady = tls?.isEstablished == true }
        // A broken pipe is met by the next receive.
        _ = sendCiphertext(scratch)
        switch progress {
        case .wantsMore, .isFull: return .bytes(count, isDrained: isDrained)
        case .ended:
            hasEnded = true
            return .bytes(count, isDrained: false)
        case .failed(let words):
            hasFailed = true
            return .failed(tlsFault: words)
        }
    }

    /// How many bytes went into the socket; nil where it takes nothing more.
    typealias Sent = Int?

    /// Sends everything in `bytes`, of which nothing is left; what the socket does not take waits in `backlog`.
    mutating func send(_ bytes: inout WireBuffer, _ scratch: Scratch) -> Sent {
        guard tls != nil else {
            guard backlog.isEmpty else {
                backlog.append(moving: &bytes)
                return 0
            }
            switch bytes.withBytes({ socket.send($0) }) {
            case .bytes(let count):
                bytes.consume(count)
                backlog.append(moving: &bytes)
                return count
            case .wouldBlock:
                backlog.append(moving: &bytes)
                return 0
            case .ended, .failed:
                bytes.removeAll()
                return nil
            }
        }
        let isTaken = bytes.withBytes { tls?.send($0) ?? false }
        bytes.removeAll()
        let sent = sendCiphertext(scratch)
        return isTaken ? sent : nil
    }

    private mutating func sendCiphertext(_ scratch: Scratch) -> Sent {
        guard scratch.tls.outgoingCount > 0 else { return 0 }
        defer { scratch.tls.clearOutgoing() }
        guard backlog.isEmpty else {
            scratch.tls.withOutgoing { backlog.append($0) }
            return 0
        }
        return scratch.tls.withOutgoing { bytes -> Sent in
            switch socket.send(bytes) {
            case .bytes(let count):
                if count < bytes.byteCount { backlog.append(bytes.extracting(count..<bytes.byteCount)) }
                return count
            case .wouldBlock:
                backlog.append(bytes)
                return 0
            case .ended, .failed: return nil
            }
        }
    }

    /// Sends of the backlog what the socket takes now.
    mutating func flush() -> Sent {
        guard !backlog.isEmpty else { return 0 }
        switch backlog.withBytes({ socket.send($0) }) {
        case .bytes(let count):
            backlog.consume(count)
            if backlog.isEmpty { backlog.releaseStorage() }
            return count
        case .wouldBlock: return 0
        case .ended, .failed: return nil
        }
    }

    /// Forgets what has not been sent: nobody takes it.
    mutating func dropBacklog() { backlog.removeAll() }

    /// Says goodbye where TLS has a word for it; the socket closes when the value ends.
    mutating func close(_ scratch: Scratch) {
        guard tls != nil, !hasFailed else { return }
        tls?.close()
        _ = sendCiphertext(scratch)
    }
}
