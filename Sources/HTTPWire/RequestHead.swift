public import Core

/// A request's head, read once: where everything stands in the bytes that it came in, and what follows it.
///
/// Routing, decision, log and forwarding all read this one structure (security rule 1).  It holds offsets,
/// no bytes; whoever reads a value passes the bytes.  `RequestHeadParser` alone fills it: HTTP/2 writes its heads as HTTP/1.1
/// would, for the same parser.
///
/// A loop re-uses one value for all its requests, so that nothing is allocated for a request.
public struct RequestHead: Sendable {
    public internal(set) var method: Method = .get
    /// The `x` of `HTTP/1.x`; 1 for HTTP/2.
    public internal(set) var minorVersion: UInt8 = 1
    /// As received: path and query.
    public internal(set) var target = ByteRange(start: 0, count: 0)
    /// From `/` up to, without, `?`.  Empty where an absolute-form target had none, which means `/`.
    public internal(set) var path = ByteRange(start: 0, count: 0)
    /// Behind `?`; nil where there is none.
    public internal(set) var query: ByteRange?
    /// The authority of an absolute-form target (RFC 9112 §3.2.2).
    public internal(set) var authority: ByteRange?
    /// The value of the one Host field.
    public internal(set) var host: ByteRange?
    public internal(set) var fields: [Field] = []
    public internal(set) var framing: BodyFraming = .none
    /// The connection may carry another request after this one (RFC 9112 §9.3).
    public internal(set) var isPersistent = true
    /// `Expect: 100-continue` was sent (RFC 9110 §10.1.1).
    public internal(set) var expectsContinue = false
    /// `Connection` names fields that end here, besides the usual ones.
    public internal(set) var hasNominations = false
    /// `Connection: upgrade` and an `Upgrade` field.
    public internal(set) var wantsUpgrade = false
    /// Bytes of the whole head, the empty line included.
    public internal(set) var length = 0

    // What the fields have said so far.
    private var contentLength: UInt64?
    private var contentLengthFields = 0
    private var transferEncodingFields = 0
    private var isChunked = false
    private var fault: ReasonCode?
    private var hasUpgradeField = false
    private var hasUpgradeOption = false
    private var connectionOptions = 0
    private var connectionBytes = 0

    /// Most bytes of all `Connection` values: every field's name is looked for in them.
    public static let mostConnectionBytes = 1024
    /// Most options that `Connection` may name.
    public static let mostConnectionOptions = 32

    public init() { fields.reserveCapacity(128) }

    /// Forgets the last request; memory is kept.
    mutating func reset() {
        method = .get
        minorVersion = 1
        target = ByteRange(start: 0, count: 0)
        path = ByteRange(start: 0, count: 0)
        query = nil
        authority = nil
        host = nil
        fields.removeAll(keepingCapacity: true)
        framing = .none
        isPersistent = true
        expectsContinue = false
        hasNominations = false
        wantsUpgrade = false
        length = 0
        contentLength = nil
        contentLengthFields = 0
        transferEncodingFields = 0
        isChunked = false
        fault = nil
        hasUpgradeField = false
        hasUpgradeOption = false
        connectionOptions = 0
        connectionBytes = 0
    }

    /// Takes in one field.  Faults are kept for `settle`, so that the first in the head is reported.
    mutating func note(_ field: Field, bytes: RawSpan) {
        fields.append(field)
        switch field.id {
        case .other, .lookAlike, .identity, .forwarding: return
        case .host:
            if host == nil { host = field.value } else { refuse(.hostRepeated) }
        case .contentLength:
            contentLengthFields += 1
            let value = bytes.extracting(field.value.range)
            if let length = Self.decimal(value) { contentLength = length } else { refuse(.lengthMalformed) }
        case .transferEncoding:
            transferEncodingFields += 1
            noteTransferEncoding(bytes.extracting(field.value.range))
        case .connection:
            noteConnection(bytes.extracting(field.value.range))
        case .expect:
            if bytes.extracting(field.value.range).equalsIgnoringCase("100-continue") {
                expectsContinue = true
            } else {
                refuse(.expectationUnknown)
            }
        case .upgrade: hasUpgradeField = true
        default: return
        }
    }

    private mutating func refuse(_ reason: ReasonCode) {
        if fault == nil { fault = reason }
    }

    /// RFC 9112 §6.1: chunked alone is understood; it must be the last coding.
    private mutating func noteTransferEncoding(_ value: RawSpan) {
        if value.equalsIgnoringCase("chunked") {
            isChunked = true
            return
        }
        var position = 0
        var codings = 0
        var chunkedCount = 0
        var lastIsChunked = false
        while let range = ListReader.next(value, &position) {
            codings += 1
            lastIsChunked = value.extracting(range).equalsIgnoringCase("chunked")
            if lastIsChunked { chunkedCount += 1 }
        }
        refuse(lastIsChunked && chunkedCount == 1 && codings > 1 ? .transferCodingUnsupported : .framingAmbiguous)
    }

    private mutating func noteConnection(_ value: RawSpan) {
        connectionBytes += value.byteCount
        guard connectionBytes <= Self.mostConnectionBytes else { return refuse(.headerMalformed) }
        var position = 0
        while let range = ListReader.next(value, &position) {
            connectionOptions += 1
            let option = value.extracting(range)
            if option.equalsIgnoringCase("close") {
                isPersistent = false
            } else if option.equalsIgnoringCase("upgrade") {
                hasUpgradeOption = true
            } else if !option.equalsIgnoringCase("keep-alive") {
                hasNominations = true
            }
        }
        if connectionOptions > Self.mostConnectionOptions { refuse(.headerMalformed) }
    }

    /// The last check, when all fields are known: framing and Host (RFC 9112 §3.2, §6.3).
    mutating func settle() -> ReasonCode? {
        if transferEncodingFields > 0 {
            if contentLengthFields > 0 || transferEncodingFields > 1 || minorVersion == 0 { return .framingAmbiguous }
        }
        if contentLengthFields > 1 { return .framingAmbiguous }
        if let fault { return fault }
        if host == nil, authority == nil || minorVersion < 2 { return .hostMissing }
        if isChunked {
            framing = .chunked
        } else if let contentLength, contentLength > 0 {
            framing = .length(contentLength)
        }
        if minorVersion == 0 { isPersistent = false }
        if framing == .none { expectsContinue = false }
        if minorVersion == 0 { expectsContinue = false }
        wantsUpgrade = hasUpgradeField && hasUpgradeOption
        return nil
    }

    /// The number of at most 18 digits that `value` is; nil for anything else (RFC 9110 §8.6).
    static func decimal(_ value: RawSpan) -> UInt64? {
        guard (1...18).contains(value.byteCount) else { return nil }
        var number: UInt64 = 0
        for index in 0..<value.byteCount {
            let digit = value.octet(index) &- 0x30
            guard digit <= 9 else { return nil }
            number = number * 10 + UInt64(digit)
        }
        return number
    }

    /// The first field of this name; nil where there is none.
    public func first(_ id: FieldName) -> Field? {
        for field in fields where field.id == id { return field }
        return nil
    }
}
