import CNGHTTP2
import Core

/// One HTTP/2 connection without a socket, of either side (RFC 9113): bytes in, events out, and the other way round.
///
/// libnghttp2 reads and writes frames, keeps windows and HPACK's tables; which fields a head may have, what a body's length
/// must be and how many frames that carry nothing a peer may send is judged here.  Used by one thread, the one of its
/// scratch.
///
/// ```
/// let session = HTTP2Session(.server, settings, scratch: scratch, now: now)
/// let fault = session.receive(bytes)          // then: scratch.takeEvents()
/// session.append(text, to: stream)            // a head as HTTP/1.1 writes it, then content
/// session.end(stream)
/// session.write(atMost: 64 * 1024)            // frames lie in scratch.out; then: scratch.takeEvents()
/// ```
///
/// Invariant of the unsafe code: `library` is made in `init` and freed in `deinit`; its user data is this object, which
/// outlives it; the user data of a library's stream is an `HTTP2Stream` that `streams` holds until the library has told
/// that it is closed.
@safe public final class HTTP2Session {
    public enum Role: Sendable, Hashable { case client, server }

    public let role: Role
    let settings: HTTP2Settings
    let scratch: HTTP2Scratch
    var library: OpaquePointer
    var meter: HTTP2FrameMeter
    /// Open streams.
    public internal(set) var streams: [HTTP2Stream] = []
    /// Streams that have something to say, and those that could not say all of it.
    var listed: [HTTP2Stream] = []
    /// A head that came in part, kept from one call to the next.
    var heldHead: HTTP2HeadReader?
    /// Why the connection cannot go on.
    public internal(set) var fault: HTTP2Error?
    /// Where `receive` was given its bytes, for the places of DATA.
    var inputBase: UnsafeRawPointer?
    var inputCount = 0
    /// Bytes of DATA that all streams' owners have not used yet; the connection's window is smaller by as many.
    public internal(set) var unusedBytes = 0
    /// The peer, or we, have said that no new streams are taken.
    public internal(set) var isGoingAway = false

    /// Nil where memory is out.
    /// - Parameter now: monotonic milliseconds.
    public init?(_ role: Role, _ settings: HTTP2Settings, scratch: HTTP2Scratch, now: UInt64) {
        self.role = role
        self.settings = settings
        self.scratch = scratch
        meter = HTTP2FrameMeter(skipsPreface: role == .server, now: now)
        unsafe inputBase = nil
        var made: OpaquePointer?
        // The library keeps the address of this object's place, filled below, before any callback can come.
        let result =
            switch role {
            case .server: unsafe nghttp2_session_server_new2(&made, scratch.callbacks, nil, scratch.options)
            case .client: unsafe nghttp2_session_client_new2(&made, scratch.callbacks, nil, scratch.options)
            }
        guard result == 0, let library = unsafe made else { return nil }
        unsafe self.library = library
        unsafe nghttp2_session_set_user_data(library, Unmanaged.passUnretained(self).toOpaque())
        guard submitSettings() else { return nil }
    }

    deinit { unsafe nghttp2_session_del(library) }

    private func submitSettings() -> Bool {
        func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(bitPattern: id.rawValue), value: value)
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: settings.head.bytes)),
        ]
        switch role {
        case .server:
            entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.concurrentStreams))
            entries.append(entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
            if settings.offersExtendedConnect { entries.append(entry(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1)) }
        case .client:
            entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        let isSubmitted = unsafe entries.withUnsafeBufferPointer {
            unsafe nghttp2_submit_settings(library, UInt8(NGHTTP2_FLAG_NONE.rawValue), $0.baseAddress, $0.count) == 0
        }
        let isWide =
            unsafe nghttp2_session_set_local_window_size(
                library, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, settings.connectionWindow) == 0
        return isSubmitted && isWide
    }

    /// Takes in what the peer has sent, all of it.  What it means lies in the scratch's events, whose places are those of
    /// `bytes`.
    /// - Parameter now: monotonic milliseconds.
    /// - Returns: why the connection cannot go on; a GOAWAY that says so waits to be written.
    public func receive(_ bytes: RawSpan, now: UInt64) -> HTTP2Error? {
        if let fault { return fault }
        meter.refill(now: now)
        if let fault = meter.read(bytes) { return fail(fault) }
        let used = unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
            unsafe inputBase = UnsafeRawPointer(base)
            inputCount = buffer.count
            defer {
                unsafe inputBase = nil
                inputCount = 0
            }
            return unsafe nghttp2_session_mem_recv(
                library, base.assumingMemoryBound(to: UInt8.self), buffer.count)
        }
        holdHead()
        if let fault { return fault }
        if used < 0 {
            return fail(used == Int(NGHTTP2_ERR_FLOODED.rawValue) ? .flood : .malformed)
        }
        return nil
    }

    /// A head that has not come whole is kept; any other reader's memory is the scratch's.
    private func holdHead() {
        if let held = heldHead {
            if held.stream == nil { heldHead = nil }
        } else if scratch.head.stream != nil {
            heldHead = scratch.head
            scratch.head = HTTP2HeadReader()
        }
    }

    /// True between the first and the last frame of a head.
    public var isWithinHead: Bool { heldHead != nil }

    /// Ends the connection for a reason: GOAWAY waits to be written, and nothing else is received or sent.
    @discardableResult
    public func fail(_ error: HTTP2Error) -> HTTP2Error {
        guard fault == nil else { return error }
        fault = error
        isGoingAway = true
        let code =
            switch error {
            case .flood: HTTP2Code.enhanceYourCalm
            case .oversized: HTTP2Code.frameSizeError
            case .malformed: HTTP2Code.protocolError
            }
        _ = unsafe nghttp2_session_terminate_session(library, code)
        return error
    }

    /// Says that the connection will end (RFC 9113 §6.8): first that there will be a last stream, then, a moment later,
    /// which one that was.
    public func announceEnd() {
        isGoingAway = true
        _ = unsafe nghttp2_submit_shutdown_notice(library)
    }

    /// Takes no new streams; those that are open are finished.
    public func end() {
        isGoingAway = true
        _ = unsafe nghttp2_submit_goaway(
            library, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(library),
            HTTP2Code.noError, nil, 0)
    }

    /// Neither side has anything to say any more.
    public var isOver: Bool {
        unsafe nghttp2_session_want_read(library) == 0 && nghttp2_session_want_write(library) == 0
    }

    /// Gives the peer back as much of its windows as the owner has used of a stream's DATA (RFC 9113 §6.9).
    public func use(_ count: Int, of stream: HTTP2Stream) {
        let count = min(count, stream.unused)
        guard count > 0 else { return }
        stream.unused -= count
        unusedBytes -= count
        if stream.isClosed || stream.isInputEnded {
            _ = unsafe nghttp2_session_consume_connection(library, count)
        } else {
            _ = unsafe nghttp2_session_consume(library, stream.id, count)
        }
    }

    /// The stream is over for its owner; what it had not used is given back.
    func forget(_ stream: HTTP2Stream) {
        stream.isClosed = true
        use(stream.unused, of: stream)
        stream.output.releaseStorage()
        guard stream.index < streams.count, streams[stream.index] === stream else { return }
        let last = streams.count - 1
        if stream.index != last {
            streams[stream.index] = streams[last]
            streams[stream.index].index = stream.index
        }
        streams.removeLast()
        if streams.isEmpty, streams.capacity > Self.keptPlaces { streams = [] }
    }

    func add(_ stream: HTTP2Stream) {
        stream.index = streams.count
        streams.append(stream)
    }
}
