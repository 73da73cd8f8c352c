import CNGHTTP2
import Core

/// The way out: heads become header lists and content becomes DATA, once for all streams when the session is flushed.
extension HTTP2Session {
    /// Opens a request on a client's connection.
    /// - Parameters:
    ///   - head: as HTTP/1.1 writes it, in origin-form with one Host, its empty line included.
    ///   - scheme: `https` or `http`.
    ///   - isWhole: no body follows; else append content and end the stream.
    ///   - isWebSocket: it is a handshake, which becomes an extended CONNECT (RFC 8441 §4); the peer's settings must have
    ///     allowed that.
    /// - Returns: nil where the head is none, or no stream can be opened.
    public func open(
        _ head: RawSpan, scheme: StaticString, isWhole: Bool, isWebSocket: Bool = false
    ) -> HTTP2Stream? {
        guard role == .client, mayOpen,
            let count = requestList(head, scheme: scheme, isWebSocket: isWebSocket)
        else { return nil }
        let stream = HTTP2Stream(id: 0)
        stream.isHeadSent = true
        stream.isOutputEnded = isWhole
        var provider = unsafe contentProvider
        // Held by `streams` until the library has told that it is closed.
        let reference = unsafe Unmanaged.passUnretained(stream).toOpaque()
        let id = unsafe withUnsafePointer(to: &provider) { provider in
            unsafe nghttp2_submit_request(library, nil, scratch.list, count, isWhole ? nil : provider, reference)
        }
        guard id > 0 else { return nil }
        stream.id = id
        add(stream)
        return stream
    }

    /// The peer takes another request now (RFC 9113 §5.1.2).
    public var mayOpen: Bool {
        let bound = unsafe nghttp2_session_get_remote_settings(library, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        return role == .client && fault == nil && !isGoingAway && streams.count < Int(bound)
            && (unsafe nghttp2_session_check_request_allowed(library) == 1)
    }

    /// Appends to what waits on a stream: of an answer its head first, interim ones in front of it.
    public func append(_ bytes: RawSpan, to stream: HTTP2Stream) {
        guard !stream.isClosed, !stream.isOutputEnded else { return }
        stream.output.append(bytes)
        list(stream)
    }

    /// Nothing more will be appended.
    /// - Parameter trailers: lines, with the empty one at their end; empty for none.
    public func end(_ stream: HTTP2Stream, trailers: [UInt8] = []) {
        guard !stream.isClosed, !stream.isOutputEnded else { return }
        stream.isOutputEnded = true
        stream.trailers.append(trailers)
        list(stream)
    }

    /// Resets a stream (RFC 9113 §6.4); what waits on it is dropped.
    public func reset(_ stream: HTTP2Stream, code: UInt32) {
        guard !stream.isClosed, stream.resetCode == nil else { return }
        stream.resetCode = code
        stream.output.releaseStorage()
        list(stream)
    }

    private func list(_ stream: HTTP2Stream) {
        guard !stream.isListed else { return }
        stream.isListed = true
        listed.append(stream)
    }

    /// Something waits to be written, and the peer's windows let it out.
    public var wantsWrite: Bool {
        !listed.isEmpty || (unsafe nghttp2_session_want_write(library) != 0)
    }

    /// Writes frames behind `scratch.out`, until nothing is left that the windows let out, or that buffer holds `bound`
    /// bytes and the rest of a frame.
    /// - Returns: true where more could be written.
    public func write(atMost bound: Int) -> Bool {
        scratch.outBound = bound
        for stream in listed where !stream.isClosed { prepare(stream) }
        while scratch.out.count < bound {
            var bytes: UnsafePointer<UInt8>?
            let before = scratch.out.count
            let count = unsafe nghttp2_session_mem_send(library, &bytes)
            if count < 0 {
                fault = fault ?? .malformed
                break
            }
            if count == 0 {
                if scratch.out.count == before { break }
                continue
            }
            // The library's bytes are valid until its next call.
            unsafe scratch.out.append(UnsafeRawBufferPointer(start: bytes, count: count).bytes)
        }
        for stream in listed {
            stream.isListed = false
            guard !stream.isClosed, !stream.output.isEmpty, !stream.isBlocked else { continue }
            stream.isBlocked = true
            scratch.events.append(.blocked(stream))
        }
        listed.removeAll(keepingCapacity: listed.count <= Self.keptPlaces)
        return scratch.out.count >= bound
    }

    /// Places that the lists of streams keep.
    static let keptPlaces = 8

    /// Hands over what the library does not know yet.
    private func prepare(_ stream: HTTP2Stream) {
        if let code = stream.resetCode {
            _ = unsafe nghttp2_submit_rst_stream(library, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code)
            return
        }
        while !stream.isHeadSent, !stream.output.isEmpty {
            guard let (count, length, status) = stream.output.withBytes({ answerList($0, stream) }) else {
                _ = unsafe nghttp2_submit_rst_stream(
                    library, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, HTTP2Code.internalError)
                return
            }
            // An extended CONNECT is granted with 200, and no head follows (RFC 8441 §5).
            guard status >= 200 || stream.isWebSocket && status == 101 else {
                _ = unsafe nghttp2_submit_headers(
                    library, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, scratch.list, count, nil)
                stream.output.consume(length)
                continue
            }
            let isWhole = stream.isOutputEnded && stream.output.count == length && stream.trailers.isEmpty
            var provider = unsafe contentProvider
            _ = unsafe withUnsafePointer(to: &provider) { provider in
                unsafe nghttp2_submit_response(library, stream.id, scratch.list, count, isWhole ? nil : provider)
            }
            stream.output.consume(length)
            stream.isHeadSent = true
            if isWhole { stream.isLastTaken = true }
            if stream.output.isEmpty { scratch.events.append(.drained(stream)) }
        }
        guard stream.isDeferred, !stream.output.isEmpty || stream.isOutputEnded else { return }
        stream.isDeferred = false
        _ = unsafe nghttp2_session_resume_data(library, stream.id)
    }

    /// Says how much content there is; the bytes go to `scratch.out` in `writeData`, without a copy in between.
    private var contentProvider: nghttp2_data_provider {
        unsafe nghttp2_data_provider(source: nghttp2_data_source()) { _, id, _, most, flags, _, user in
            guard let session = unsafe HTTP2Session.from(user), let stream = session.stream(id),
                let flags = unsafe flags
            else { return Int(HTTP2Session.failure) }
            return unsafe session.offer(stream, most, &flags.pointee)
        }
    }

    private func offer(_ stream: HTTP2Stream, _ most: Int, _ flags: inout UInt32) -> Int {
        let count = min(stream.output.count, most)
        let isLast = stream.isOutputEnded && count == stream.output.count
        guard count > 0 || isLast else {
            stream.isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        if isLast {
            flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
            stream.isLastTaken = true
            if !stream.trailers.isEmpty, let fields = stream.trailers.withBytes({ trailerList($0) }) {
                flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                _ = unsafe nghttp2_submit_trailer(library, stream.id, scratch.list, fields)
            }
        }
        return count
    }

    /// Writes one DATA frame.
    func writeData(_ stream: HTTP2Stream, header: UnsafePointer<UInt8>, count: Int) -> Int32 {
        guard scratch.out.count < scratch.outBound else { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
        guard count <= stream.output.count else { return Self.failure }
        // The library's header has 9 bytes.
        unsafe scratch.out.append(UnsafeRawBufferPointer(start: header, count: HTTP2FrameMeter.headerBytes).bytes)
        stream.output.withBytes { scratch.out.append($0.extracting(0..<count)) }
        stream.output.consume(count)
        stream.sentSinceTaken += count
        meter.noteSent(count, drained: stream.output.isEmpty)
        if stream.output.isEmpty {
            if stream.output.heldBytes > 64 * 1024 || stream.isLastTaken { stream.output.releaseStorage() }
            stream.isBlocked = false
            scratch.events.append(.drained(stream))
        }
        return 0
    }

    /// The last of an answer was written: a stream that the peer has not ended is closed (RFC 9113 §8.1), and one that was
    /// refused is told so.
    func closeIfUnread(_ stream: HTTP2Stream) {
        guard role == .server, !stream.isClosed, !stream.isInputEnded || stream.closingCode != HTTP2Code.noError
        else { return }
        _ = unsafe nghttp2_submit_rst_stream(
            library, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, stream.closingCode)
    }
}
