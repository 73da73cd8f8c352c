public import Core

/// An answer's head, read once, from an upstream.
public struct ResponseHead: Sendable {
    /// 100…599.
    public internal(set) var status: UInt16 = 0
    public internal(set) var minorVersion: UInt8 = 1
    /// Status code and reason phrase, as received.
    public internal(set) var statusText = ByteRange(start: 0, count: 0)
    public internal(set) var fields: [Field] = []
    /// How the upstream delimits the body that follows.
    public internal(set) var framing: BodyFraming = .none
    /// The length that the answer names; may stand on an answer to HEAD and on 304, where no body follows.
    public internal(set) var contentLength: UInt64?
    /// The upstream connection can carry another request after this answer.
    public internal(set) var isPersistent = true
    public internal(set) var hasNominations = false
    /// Bytes of the whole head.
    public internal(set) var length = 0

    public init() { fields.reserveCapacity(64) }

    mutating func reset() {
        status = 0
        minorVersion = 1
        fields.removeAll(keepingCapacity: true)
        framing = .none
        contentLength = nil
        isPersistent = true
        hasNominations = false
        length = 0
    }
}

/// Reads an HTTP/1.x answer's head (RFC 9112 §4, §6.3), as strictly as a request's: an upstream that answers
/// ambiguously is not believed.
public struct ResponseHeadParser: Sendable {
    public var limits: HeadLimits

    public init(limits: HeadLimits) { self.limits = limits }

    public enum Outcome: Sendable, Hashable {
        case incomplete
        case complete
        /// The answer is malformed, ambiguous or too large; the connection cannot be used further.
        case invalid
    }

    /// - Parameters:
    ///   - bytes: everything received for this answer, from its first byte.
    ///   - method: of the request that is answered; it decides whether a body follows.
    public func parse(_ bytes: RawSpan, answering method: Method, into head: inout ResponseHead) -> Outcome {
        head.reset()
        // As for requests: the verdict does not depend on how much has come beyond the bound.
        let bytes = bytes.extracting(0..<min(bytes.byteCount, limits.bytes))
        let outcome = unsafe bytes.withUnsafeBytes { buffer in
            // The pointer is used within this call only, and every index is compared with the count.
            guard let base = buffer.baseAddress else { return Outcome.incomplete }
            return unsafe parse(base.assumingMemoryBound(to: UInt8.self), buffer.count, bytes, method, &head)
        }
        return outcome == .incomplete && bytes.byteCount >= limits.bytes ? .invalid : outcome
    }

    private func parse(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ bytes: RawSpan, _ method: Method, _ head: inout ResponseHead
    ) -> Outcome {
        // 1. The status line: HTTP/1.x SP 3DIGIT SP reason CRLF; the reason may be missing with its space.
        let version: StaticString = "HTTP/1."
        for offset in 0..<7 {
            guard offset < count else { return .incomplete }
            guard unsafe base[offset] == version.utf8Start[offset] else { return .invalid }
        }
        guard count >= 13 else { return .incomplete }
        let minor = unsafe base[7]
        guard minor == 0x30 || minor == 0x31, unsafe base[8] == 0x20 else { return .invalid }
        var status: UInt16 = 0
        for index in 9..<12 {
            let digit = unsafe base[index] &- 0x30
            guard digit <= 9 else { return .invalid }
            status = status * 10 + UInt16(digit)
        }
        guard (100...599).contains(status), unsafe base[12] == 0x20 || base[12] == 0x0D else { return .invalid }
        let end = unsafe FieldScanner.firstControl(base, from: 12, count: count)
        guard end + 1 < count else {
            guard end >= count || (unsafe base[end] == 0x0D) else { return .invalid }
            return .incomplete
        }
        guard unsafe base[end] == 0x0D, unsafe base[end + 1] == 0x0A else { return .invalid }
        head.status = status
        head.minorVersion = minor - 0x30
        head.statusText = ByteRange(start: 9, count: end - 9)
        // 2. The fields.
        var lengths = 0
        var codings = 0
        var isChunked = false
        var keepsAlive = head.minorVersion == 1
        var closes = false
        var connectionBytes = 0
        var scanner = unsafe FieldScanner(base: base, count: count, position: end + 2)
        scan: while true {
            switch scanner.next() {
            case .end: break scan
            case .incomplete: return .incomplete
            case .malformed: return .invalid
            case .field(let field):
                guard head.fields.count < limits.fields else { return .invalid }
                head.fields.append(field)
                let value = bytes.extracting(field.value.range)
                switch field.id {
                case .contentLength:
                    lengths += 1
                    guard let length = RequestHead.decimal(value) else { return .invalid }
                    head.contentLength = length
                case .transferEncoding:
                    codings += 1
                    guard value.equalsIgnoringCase("chunked") else { return .invalid }
                    isChunked = true
                case .connection:
                    connectionBytes += value.byteCount
                    guard connectionBytes <= RequestHead.mostConnectionBytes else { return .invalid }
                    var position = 0
                    while let range = ListReader.next(value, &position) {
                        let option = value.extracting(range)
                        if option.equalsIgnoringCase("close") {
                            closes = true
                        } else if option.equalsIgnoringCase("keep-alive") {
                            if head.minorVersion == 0 { keepsAlive = true }
                        } else {
                            head.hasNominations = true
                        }
                    }
                default: break
                }
            }
        }
        head.length = scanner.position
        // 3. The body, in the order of RFC 9112 §6.3.
        guard lengths <= 1, codings <= 1, lengths + codings <= 1 else { return .invalid }
        if isChunked, head.minorVersion == 0 { return .invalid }
        head.isPersistent = keepsAlive && !closes
        if method == .head || status < 200 || status == 204 || status == 304 {
            head.framing = .none
            if status < 200 || status == 204 {
                guard codings == 0 else { return .invalid }
                head.contentLength = nil
            }
        } else if isChunked {
            head.framing = .chunked
        } else if let length = head.contentLength {
            head.framing = length == 0 ? .none : .length(length)
        } else {
            head.framing = .untilClose
            head.isPersistent = false
        }
        return .complete
    }
}
