import CNGHTTP2
public import Core

/// What a session has learned from the bytes that it was given, or from being flushed.
public enum HTTP2Event {
    /// A head has come: of a request, or of an answer (interim ones included).  Its text, as HTTP/1.1 would write it, lies
    /// in `HTTP2Scratch.heads`.
    case head(HTTP2Stream, text: Range<Int>)
    /// Bytes of a body, at these places of what was given to `receive`.
    case data(HTTP2Stream, Range<Int>)
    /// The trailer section, as lines with the empty one at its end, in `HTTP2Scratch.heads`; `end` follows.
    case trailers(HTTP2Stream, text: Range<Int>)
    /// The peer has sent its last byte on the stream.
    case end(HTTP2Stream)
    /// What came on the stream is refused: a head that breaks the rules, or a body that is not as long as was said.
    case refused(HTTP2Stream, ReasonCode)
    /// Everything that waited on the stream has been written.
    case drained(HTTP2Stream)
    /// The peer's windows, or the bound of `write`, let no more of the stream out.
    case blocked(HTTP2Stream)
    /// The stream is over: both sides ended it, or one reset it with this code.
    case closed(HTTP2Stream, code: UInt32)
    /// The peer opens or takes no streams behind `lastStream` any more.
    case goAway(lastStream: Int32, code: UInt32)
    /// The peer has told its settings.
    case settings
}

/// Memory that all HTTP/2 sessions of one event loop share, so that an idle one holds little.  Used by one thread.
///
/// Invariant of the unsafe code: `callbacks` and `options` are made in `init`, only read by
/// sessions, which copy what they need when they are made, and freed in `deinit`; `list` has `listCapacity` places.
@safe public final class HTTP2Scratch {
    /// What the last call has found out, in its order; `takeEvents` empties it.
    var events: [HTTP2Event] = []
    private var spareEvents: [HTTP2Event] = []
    /// The texts of the heads that `events` tell of.
    public internal(set) var heads = WireBuffer()
    /// Frames to be sent.
    public var out = WireBuffer()
    /// `write` stops behind so many bytes of `out`.
    var outBound = 0

    let callbacks: OpaquePointer
    let options: OpaquePointer
    /// The head that is being read.
    var head = HTTP2HeadReader()
    /// Header lists on their way to the library.
    let list: UnsafeMutablePointer<nghttp2_nv>
    static let listCapacity = 512
    /// Places of `list` in use.
    var listCount = 0
    /// Names of these lists, in lower case.
    var names = WireBuffer()
    /// Random bits, for the key of a WebSocket handshake.
    let randomNumber: () -> UInt64

    /// Memory that a buffer keeps between calls.
    static let kept = 1 << 20

    /// - Parameter randomNumber: unpredictable ones.
    public init(randomNumber: @escaping () -> UInt64) {
        self.randomNumber = randomNumber
        var made: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&made) == 0, let callbacks = unsafe made else {
            preconditionFailure("out of memory")
        }
        unsafe self.callbacks = callbacks
        unsafe HTTP2Session.set(callbacks)
        unsafe options = Self.sharedOptions()
        unsafe list = .allocate(capacity: Self.listCapacity)
        unsafe list.initialize(repeating: nghttp2_nv(), count: Self.listCapacity)
    }

    deinit {
        unsafe nghttp2_session_callbacks_del(callbacks)
        unsafe nghttp2_option_del(options)
        unsafe list.deallocate()
    }

    private static func sharedOptions() -> OpaquePointer {
        var made: OpaquePointer?
        guard unsafe nghttp2_option_new(&made) == 0, let options = unsafe made else {
            preconditionFailure("out of memory")
        }
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        // The rules about fields are this house's own, which are stricter and name their reasons.
        unsafe nghttp2_option_set_no_http_messaging(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_deflate_dynamic_table_size(options, HTTP2Settings.headerTable)
        unsafe gh_http2_allow_continuations(options)
        return unsafe options
    }

    /// The events of the last call; give the array back with `keep`, so that its memory is used again.
    public func takeEvents() -> [HTTP2Event] {
        let taken = events
        events = spareEvents
        spareEvents = []
        return taken
    }

    /// Keeps the memory of an array that `takeEvents` gave.
    public func keep(_ used: consuming [HTTP2Event]) {
        used.removeAll(keepingCapacity: true)
        if spareEvents.capacity == 0 { spareEvents = used }
        if events.isEmpty {
            heads.removeAll()
            if heads.heldBytes > Self.kept { heads.releaseStorage() }
        }
    }
}
