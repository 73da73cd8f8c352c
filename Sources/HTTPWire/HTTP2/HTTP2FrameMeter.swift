/// Reads the headers of a peer's frames before the library does, and has a budget for each kind of frame that costs work
/// and carries nothing (security rule 30).
///
/// The library bounds some floods and not others, and counts CONTINUATION once for each read; a budget here is exact,
/// whatever the library's version.  A budget is a bucket: so many at once, so many more each second.  Where honest peers
/// send a frame in proportion to real traffic, real traffic refills it.
struct HTTP2FrameMeter {
    /// What is counted.
    enum Kind: Int, CaseIterable {
        /// DATA without content that does not end its stream, padding or none.
        case emptyData
        case priority, windowUpdate, settings, ping
        /// GOAWAY, PRIORITY_UPDATE and whatever this house does not know.
        case unknown
        /// Streams that the peer resets (CVE-2023-44487).
        case reset
        /// Streams that the peer's faults make us reset (CVE-2025-8671).
        case madeReset
        /// Streams beyond the bound of concurrent ones.
        case refusedStream
        /// Heads beyond `HTTP2Settings.bombFactor`.
        case headBomb
    }

    struct Budget {
        /// Frames at once, frames more each second, and most that traffic may save up.
        var burst: Int32
        var perSecond: Int32
        var most: Int32
    }

    static func budget(_ kind: Kind) -> Budget {
        switch kind {
        case .emptyData: Budget(burst: 100, perSecond: 20, most: 100)
        case .priority: Budget(burst: 200, perSecond: 50, most: 400)
        case .windowUpdate: Budget(burst: 1000, perSecond: 200, most: 10_000)
        case .settings: Budget(burst: 20, perSecond: 5, most: 20)
        case .ping: Budget(burst: 100, perSecond: 20, most: 1000)
        case .unknown: Budget(burst: 200, perSecond: 50, most: 400)
        case .reset: Budget(burst: 100, perSecond: 20, most: 100)
        case .madeReset: Budget(burst: 100, perSecond: 10, most: 100)
        case .refusedStream: Budget(burst: 500, perSecond: 100, most: 500)
        case .headBomb: Budget(burst: 4, perSecond: 1, most: 4)
        }
    }

    /// CONTINUATION frames of one head: 32 KiB take two.
    static let mostContinuations = 8
    /// Window updates that one useful DATA frame of ours allows: a peer sends one or two for each.
    static let updatesPerData: Int32 = 10
    /// A smaller DATA frame counts as useful only if it was all there was to send: a peer that keeps its window tiny pays
    /// for each frame that it makes us write.
    static let usefulData = 256
    /// Frames about priority that one head allows: browsers send one or two with each request.
    static let prioritiesPerHead: Int32 = 2

    static let headerBytes = 9
    /// Bytes of a frame's payload (SETTINGS_MAX_FRAME_SIZE, by default).
    static let longestFrame = 16_384
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private enum FrameType {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    private var tokens = InlineArray<10, Int32> { Self.budget(Kind.allCases[$0]).burst }
    private var filledAt: UInt64
    /// Bytes of the preface that have not come yet.
    private var prefaceLeft: Int
    /// Bytes to pass over: what is left of a frame.
    private var skip = 0
    private var header = InlineArray<9, UInt8>(repeating: 0)
    private var headerCount = 0
    /// The content that a padded DATA frame would have without its padding; its first byte says how much that is.
    private var awaitsPadLength: Int?
    private var continuations = 0

    /// - Parameter skipsPreface: the peer is a client, and its first 24 bytes are no frame.
    init(skipsPreface: Bool, now: UInt64) {
        prefaceLeft = skipsPreface ? Self.preface.count : 0
        filledAt = now
    }

    /// Takes one of a budget; false where it is used up.
    mutating func take(_ kind: Kind) -> Bool {
        tokens[kind.rawValue] -= 1
        return tokens[kind.rawValue] >= 0
    }

    /// Real traffic allows more.
    mutating func earn(_ kind: Kind, _ count: Int32) {
        tokens[kind.rawValue] = min(Self.budget(kind).most, tokens[kind.rawValue] + count)
    }

    /// A DATA frame of ours was written.
    mutating func noteSent(_ count: Int, drained: Bool) {
        earn(.ping, 1)
        if drained || count >= Self.usefulData { earn(.windowUpdate, Self.updatesPerData) }
    }

    /// Refills the budgets for the seconds that have passed.
    mutating func refill(now: UInt64) {
        let seconds = (now &- filledAt) / 1000
        guard seconds > 0, now > filledAt else { return }
        filledAt &+= seconds * 1000
        for kind in Kind.allCases {
            let budget = Self.budget(kind)
            let tokens = tokens[kind.rawValue]
            guard tokens < budget.burst else { continue }
            let more = Int32(clamping: min(seconds, 1000)) * budget.perSecond
            self.tokens[kind.rawValue] = min(budget.burst, tokens + more)
        }
    }

    /// Looks at the frames that begin in `bytes`.
    mutating func read(_ bytes: RawSpan) -> HTTP2Error? {
        var position = 0
        let count = bytes.byteCount
        while position < count {
            if let content = awaitsPadLength {
                awaitsPadLength = nil
                if Int(bytes.octet(position)) >= content, !take(.emptyData) { return .flood }
            }
            if prefaceLeft > 0 {
                // RFC 9113 §3.4: whoever begins otherwise does not speak HTTP/2, and sends no frames.
                let expected = Self.preface[Self.preface.count - prefaceLeft]
                guard bytes.octet(position) == expected else { return .malformed }
                prefaceLeft -= 1
                position += 1
                continue
            }
            if skip > 0 {
                let step = min(skip, count - position)
                skip -= step
                position += step
                continue
            }
            header[headerCount] = bytes.octet(position)
            headerCount += 1
            position += 1
            guard headerCount == Self.headerBytes else { continue }
            headerCount = 0
            if let fault = judge() { return fault }
        }
        return nil
    }

    /// Judges the frame whose header is complete.
    private mutating func judge() -> HTTP2Error? {
        let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        let (type, flags) = (header[3], header[4])
        let isOnConnection = header[5] & 0x7F | header[6] | header[7] | header[8] == 0
        skip = length
        // RFC 9113 §4.2: nobody was told that longer ones may come; the library lets some pass.
        guard length <= Self.longestFrame else { return .oversized }
        switch type {
        case FrameType.data:
            guard flags & 0x1 == 0 else { return nil }
            if length == 0 { return take(.emptyData) ? nil : .flood }
            if flags & 0x8 != 0 { awaitsPadLength = length - 1 }
            return nil
        case FrameType.headers:
            continuations = 0
            earn(.priority, Self.prioritiesPerHead)
            earn(.unknown, Self.prioritiesPerHead)
            return nil
        case FrameType.continuation:
            continuations += 1
            return continuations <= Self.mostContinuations ? nil : .flood
        case FrameType.priority:
            // The library passes over these where priorities are not its own; RFC 9113 §6.3 does not.
            if isOnConnection { return .malformed }
            return take(.priority) ? nil : .flood
        case FrameType.reset: return take(.reset) ? nil : .flood
        case FrameType.settings: return take(.settings) ? nil : .flood
        case FrameType.ping: return take(.ping) ? nil : .flood
        case FrameType.windowUpdate: return take(.windowUpdate) ? nil : .flood
        case FrameType.pushPromise: return nil
        default: return take(.unknown) ? nil : .flood
        }
    }
}
