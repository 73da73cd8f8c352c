import CNGHTTP2
import Core

/// What the library tells while it reads.
///
/// Invariant of the unsafe code: the library calls these from `receive` and `write` of the session that is its user data,
/// so that one is alive; every pointer is used within its call only, and has the count that comes with it.
extension HTTP2Session {
    static func set(_ callbacks: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, let session = unsafe HTTP2Session.from(user) else {
                return HTTP2Session.failure
            }
            return unsafe session.headBegins(frame.pointee)
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, user in
            guard let session = unsafe HTTP2Session.from(user) else { return HTTP2Session.failure }
            return unsafe session.field(
                UnsafeRawBufferPointer(start: name, count: nameCount).bytes,
                UnsafeRawBufferPointer(start: value, count: valueCount).bytes)
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, let session = unsafe HTTP2Session.from(user) else {
                return HTTP2Session.failure
            }
            unsafe session.received(frame.pointee)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, data, count, user in
            guard let session = unsafe HTTP2Session.from(user) else { return HTTP2Session.failure }
            return unsafe session.content(id, data, count)
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
            guard let session = unsafe HTTP2Session.from(user) else { return HTTP2Session.failure }
            session.closed(id, code)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, let session = unsafe HTTP2Session.from(user) else {
                return HTTP2Session.failure
            }
            return unsafe session.sent(frame.pointee)
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, source, user in
            guard let session = unsafe HTTP2Session.from(user), let frame = unsafe frame, let header = unsafe header,
                let stream = unsafe session.stream(frame.pointee.hd.stream_id)
            else { return HTTP2Session.failure }
            return unsafe session.writeData(stream, header: header, count: count)
        }
    }

    static let failure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

    static func from(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
        guard let user = unsafe user else { return nil }
        return unsafe Unmanaged<HTTP2Session>.fromOpaque(user).takeUnretainedValue()
    }

    /// The open stream of this id.
    func stream(_ id: Int32) -> HTTP2Stream? {
        guard let data = unsafe nghttp2_session_get_stream_user_data(library, id) else { return nil }
        return unsafe Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue()
    }

    private var reader: HTTP2HeadReader { heldHead ?? scratch.head }

    private func headBegins(_ frame: nghttp2_frame) -> Int32 {
        let id = unsafe frame.hd.stream_id
        let stream: HTTP2Stream
        let kind: HTTP2HeadReader.Kind
        if let known = self.stream(id) {
            stream = known
            kind = role == .server || known.hasAnswer ? .trailers : .answer
        } else {
            guard role == .server, fault == nil else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
            stream = HTTP2Stream(id: id)
            // Held by `streams` until the library has told that it is closed.
            let reference = unsafe Unmanaged.passUnretained(stream).toOpaque()
            guard unsafe nghttp2_session_set_stream_user_data(library, id, reference) == 0 else { return Self.failure }
            add(stream)
            kind = .request
        }
        reader.begin(stream, kind, limits: settings.head)
        return 0
    }

    private func field(_ name: RawSpan, _ value: RawSpan) -> Int32 {
        let reader = reader
        guard reader.stream != nil, !reader.add(name, value) else { return 0 }
        reader.stream = nil
        if !meter.take(.headBomb) { fail(.flood) }
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }

    private func received(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            headEnds(header.stream_id, endsStream)
        case NGHTTP2_DATA.rawValue:
            guard endsStream, let stream = stream(header.stream_id), !stream.isClosed else { return }
            inputEnds(stream)
        case NGHTTP2_SETTINGS.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { scratch.events.append(.settings) }
        case NGHTTP2_GOAWAY.rawValue:
            isGoingAway = true
            scratch.events.append(
                .goAway(lastStream: unsafe frame.goaway.last_stream_id, code: unsafe frame.goaway.error_code))
        default: break
        }
    }

    private func headEnds(_ id: Int32, _ endsStream: Bool) {
        let reader = reader
        guard let stream = reader.stream, stream.id == id else { return }
        defer { reader.stream = nil }
        let start = scratch.heads.count
        switch reader.kind {
        case .request:
            if endsStream { stream.isInputEnded = true }
            if let reason = reader.writeRequest(
                isWhole: endsStream, isSecure: settings.isSecure, key: webSocketKey, into: &scratch.heads)
            {
                return refuse(stream, reason)
            }
            scratch.events.append(.head(stream, text: start..<scratch.heads.count))
            if endsStream { scratch.events.append(.end(stream)) }
        case .answer:
            guard let status = reader.writeAnswer(into: &scratch.heads), status >= 200 || !endsStream else {
                return refuse(stream, .headerMalformed)
            }
            if status >= 200 { stream.hasAnswer = true }
            scratch.events.append(.head(stream, text: start..<scratch.heads.count))
            if endsStream { inputEnds(stream) }
        case .trailers:
            // Trailers end the stream (RFC 9113 §8.1).
            guard endsStream else { return refuse(stream, .headerMalformed) }
            if let reason = reader.writeTrailers(into: &scratch.heads) { return refuse(stream, reason) }
            if scratch.heads.count > start + 2 {
                scratch.events.append(.trailers(stream, text: start..<scratch.heads.count))
            }
            inputEnds(stream)
        }
    }

    /// 16 random bytes in base64.
    private func webSocketKey() -> [UInt8] {
        var octets: [UInt8] = []
        for _ in 0..<2 {
            let number = scratch.randomNumber()
            for shift in 0..<8 { octets.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * shift))) }
        }
        return Base64.encodedOctets(octets, alphabet: .standard)
    }

    private func content(_ id: Int32, _ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        guard let stream = stream(id), !stream.isClosed, let data = unsafe data, let base = unsafe inputBase else {
            // Nobody is there to use it.
            _ = unsafe nghttp2_session_consume(library, id, count)
            return 0
        }
        let start = unsafe UnsafeRawPointer(data) - base
        guard start >= 0, start + count <= inputCount else { return Self.failure }
        stream.received += UInt64(count)
        stream.unused += count
        unusedBytes += count
        if let announced = stream.announced, stream.received > announced {
            refuse(stream, .lengthMalformed)
            return 0
        }
        if role == .client, !stream.hasAnswer {
            refuse(stream, .headerMalformed)
            return 0
        }
        scratch.events.append(.data(stream, start..<start + count))
        return 0
    }

    private func inputEnds(_ stream: HTTP2Stream) {
        stream.isInputEnded = true
        // An answer to HEAD announces what does not come.
        if let announced = stream.announced, stream.received != announced, role == .server || stream.received > 0 {
            return refuse(stream, .lengthMalformed)
        }
        scratch.events.append(.end(stream))
    }

    /// What comes on the stream from here on is nobody's (RFC 9113 §8.1.1); the owner may answer first.  A head that
    /// is only too large breaks no rule of the protocol.
    private func refuse(_ stream: HTTP2Stream, _ reason: ReasonCode) {
        switch reason {
        case .headerTooLarge, .headersTooMany: break
        default: stream.closingCode = HTTP2Code.protocolError
        }
        stream.announced = nil
        scratch.events.append(.refused(stream, reason))
    }

    private func closed(_ id: Int32, _ code: UInt32) {
        guard let stream = stream(id) else { return }
        if let held = heldHead, held.stream === stream { held.stream = nil }
        if scratch.head.stream === stream { scratch.head.stream = nil }
        forget(stream)
        scratch.events.append(.closed(stream, code: code))
    }

    /// A frame of ours was written: some are the peer's doing.
    private func sent(_ frame: nghttp2_frame) -> Int32 {
        switch UInt32(unsafe frame.hd.type) {
        case NGHTTP2_RST_STREAM.rawValue:
            let kind: HTTP2FrameMeter.Kind
            switch unsafe frame.rst_stream.error_code {
            case HTTP2Code.noError, HTTP2Code.internalError, HTTP2Code.cancel: return 0
            case HTTP2Code.refusedStream: kind = .refusedStream
            default: kind = .madeReset
            }
            if !meter.take(kind) { fail(.flood) }
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            let header = unsafe frame.hd
            guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, let stream = stream(header.stream_id)
            else { return 0 }
            closeIfUnread(stream)
        case NGHTTP2_GOAWAY.rawValue:
            let code = unsafe frame.goaway.error_code
            if code != HTTP2Code.noError, fault == nil {
                fault = code == HTTP2Code.enhanceYourCalm ? .flood : .malformed
            }
        default: break
        }
        return 0
    }
}
