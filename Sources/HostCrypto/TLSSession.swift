import COpenSSL
import Core

/// Memory that all TLS sessions of one event loop share: one BIO, and the ciphertext that waits to be sent.
///
/// A session holds no buffer of its own between records, which is what keeps an idle connection small.
/// Used by one thread.
@safe public final class TLSScratch {
    let bio: OpaquePointer
    // Allocated apart, because the BIO keeps its address.
    let ends: UnsafeMutablePointer<gh_tls_scratch>

    public init() {
        unsafe ends = .allocate(capacity: 1)
        unsafe ends.initialize(to: gh_tls_scratch())
        guard let made = unsafe gh_bio_create(ends) else { preconditionFailure("out of memory") }
        unsafe bio = made
    }

    deinit {
        unsafe BIO_free(bio)
        unsafe free(ends.pointee.outgoing)
        unsafe ends.deallocate()
    }

    /// Bytes that wait to be sent.
    public var outgoingCount: Int { unsafe ends.pointee.outgoing_count }

    /// Lends the bytes that wait to be sent.
    public func withOutgoing<Result>(_ body: (RawSpan) -> Result) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: ends.pointee.outgoing, count: ends.pointee.outgoing_count)
        return unsafe body(buffer.bytes)
    }

    /// Forgets them; the memory is kept for the next session, unless it has grown beyond a mebibyte.
    public func clearOutgoing() {
        unsafe ends.pointee.outgoing_count = 0
        if unsafe ends.pointee.outgoing_capacity > 1 << 20 {
            unsafe free(ends.pointee.outgoing)
            unsafe ends.pointee.outgoing = nil
            unsafe ends.pointee.outgoing_capacity = 0
        }
    }
}

/// How a TLS session stands after it was given ciphertext.
public enum TLSProgress: Sendable, Hashable {
    /// More ciphertext is needed to go on.
    case wantsMore
    /// `plain` is full; call again with nothing.
    case isFull
    /// The peer has ended the session properly (close_notify).
    case ended
    /// Broken beyond repair; what waits to be sent may hold an alert.  The reason in OpenSSL's words.
    case failed(String)
}

/// One TLS session without a socket, of either end: ciphertext in, plaintext out, and the other way round.
///
/// Every call that may write leaves ciphertext in the loop's `TLSScratch`, from where the caller sends it
/// before another session uses the scratch.
@safe public struct TLSSession: ~Copyable {
    private let tls: OpaquePointer
    /// Keeps the contexts alive that a handshake may choose from.
    private let context: Context
    /// Kept alive, because the session's BIO points into it.
    private let scratch: TLSScratch
    public private(set) var isEstablished = false

    private enum Context {
        case server(TLSServerContext)
        case client(TLSClientContext)
    }

    /// Room that `receive` needs beyond the ciphertext it is given: a record that was held back whole.
    public static let recordOverhead = 17 * 1024

    /// The server's end; nil where memory is out.
    public init?(_ context: TLSServerContext, scratch: TLSScratch) {
        guard let made = unsafe SSL_new(context.base) else { return nil }
        unsafe gh_tls_set_scratch(made, scratch.bio)
        unsafe SSL_set_accept_state(made)
        unsafe tls = made
        self.context = .server(context)
        self.scratch = scratch
    }

    /// The client's end; nil where memory is out.  Its hello waits in the scratch after a first `receive` of nothing.
    /// - Parameters:
    ///   - serverName: whom the server's certificate must be for: a DNS name, which is sent as SNI, or an IP address.
    ///   - server: position among the context's servers, whose last session is resumed.
    public init?(_ context: TLSClientContext, serverName: String, server: Int, scratch: TLSScratch) {
        guard let made = unsafe SSL_new(context.pointer) else { return nil }
        unsafe gh_tls_set_scratch(made, scratch.bio)
        let isAddress = ClientAddress(serverName) != nil
        guard unsafe gh_tls_connect(made, serverName, isAddress ? 1 : 0, server) == 1 else {
            ERR_clear_error()
            unsafe SSL_free(made)
            return nil
        }
        unsafe tls = made
        self.context = .client(context)
        self.scratch = scratch
    }

    deinit { unsafe SSL_free(tls) }

    /// Takes in ciphertext and appends what it decrypts to.
    /// - Parameters:
    ///   - ciphertext: all that was received; it is used up, but for `.isFull`.
    ///   - scratch: the one that the session was made with.
    ///   - plain: at least `ciphertext.byteCount + recordOverhead` bytes, so that it is not.
    ///   - written: bytes of `plain` in use, moved on.
    public mutating func receive(
        _ ciphertext: RawSpan, scratch: TLSScratch, into plain: inout MutableRawSpan, written: inout Int
    ) -> TLSProgress {
        precondition(scratch === self.scratch)
        let session = unsafe tls
        var established = isEstablished
        var count = written
        let progress = unsafe ciphertext.withUnsafeBytes { input in
            unsafe plain.withUnsafeMutableBytes { output in
                // `input` outlives this closure; the scratch forgets it below.
                unsafe scratch.ends.pointee.incoming = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe scratch.ends.pointee.incoming_count = input.count
                defer {
                    unsafe scratch.ends.pointee.incoming = nil
                    unsafe scratch.ends.pointee.incoming_count = 0
                }
                ERR_clear_error()
                if !established {
                    let result = unsafe SSL_do_handshake(session)
                    guard result == 1 else { return unsafe Self.outcome(session, result) }
                    established = true
                    if ERR_peek_error() != 0 { ERR_clear_error() }
                }
                var isFirst = true
                while true {
                    // What an earlier success left in the thread's queue would be taken for this call's failure.
                    if !isFirst, ERR_peek_error() != 0 { ERR_clear_error() }
                    isFirst = false
                    let room = output.count - count
                    guard room > 0 else { return TLSProgress.isFull }
                    let result = unsafe SSL_read(
                        session, output.baseAddress! + count, Int32(clamping: room))
                    guard result > 0 else { return unsafe Self.outcome(session, result) }
                    count += Int(result)
                    // Nothing is left in either end: another read would only say so, at the price of one.
                    if unsafe scratch.ends.pointee.incoming_count == 0, unsafe SSL_has_pending(session) == 0 {
                        return .wantsMore
                    }
                }
            }
        }
        isEstablished = established
        written = count
        return progress
    }

    /// Encrypts `plaintext`; the records wait in the scratch.  False where the session is broken.
    public mutating func send(_ plaintext: RawSpan) -> Bool {
        unsafe plaintext.withUnsafeBytes { input in
            guard input.count > 0 else { return true }
            // The BIO takes everything, so nothing is ever written in part, and the thread's error queue is not asked why.
            let result = unsafe SSL_write(tls, input.baseAddress, Int32(clamping: input.count))
            if result != Int32(clamping: input.count) { ERR_clear_error() }
            return result == Int32(clamping: input.count)
        }
    }

    /// Says that nothing more will be sent (close_notify); the alert waits in the scratch.
    public mutating func close() {
        guard isEstablished else { return }
        if unsafe SSL_shutdown(tls) < 0 { ERR_clear_error() }
    }

    /// `TLSv1.3` or `TLSv1.2`.
    public var version: String { unsafe String(cString: gh_tls_version(tls)) }

    /// True where the handshake has agreed on HTTP/2 (RFC 7301).
    public var isHTTP2: Bool { unsafe gh_tls_is_http2(tls) == 1 }

    /// True where the handshake resumed an earlier session by ticket.
    public var isResumed: Bool { unsafe SSL_session_reused(tls) == 1 }

    /// The application protocol that both ends agreed on (RFC 7301); "" where none was.
    public var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(tls, &name, &count)
        // The bytes are the session's own, and are copied while it is borrowed.
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    private static func outcome(_ tls: OpaquePointer, _ result: Int32) -> TLSProgress {
        switch unsafe SSL_get_error(tls, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantsMore
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            let words = TLSServerContext.lastError()
            guard let distrust = unsafe gh_tls_distrust(tls) else { return .failed(words) }
            return unsafe .failed(String(cString: distrust))
        }
    }
}
