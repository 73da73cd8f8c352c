import Core

/// Gathers one header section as it is decoded, and holds each field against the rules of RFC 9113 §8.2 and §8.3.
///
/// A fault does not stop the decoding, which the rest of the connection depends on (RFC 7541 §2.2); the first one is
/// remembered and answered when the section is complete.
final class HTTP2HeadReader {
    enum Kind { case request, answer, trailers }

    /// Nil where no head is being read.
    var stream: HTTP2Stream?
    private(set) var kind = Kind.request
    private(set) var fault: ReasonCode?

    /// Field lines, as HTTP/1.1 writes them.
    private(set) var fields = WireBuffer()
    /// The crumbs of the Cookie fields, joined (RFC 9113 §8.2.3).
    private(set) var cookies = WireBuffer()
    /// The values of pseudo-fields, one after the other.
    private(set) var pseudo = WireBuffer()
    private(set) var method: ByteRange?
    private(set) var scheme: ByteRange?
    private(set) var authority: ByteRange?
    private(set) var path: ByteRange?
    private(set) var `protocol`: ByteRange?
    private(set) var status: ByteRange?
    /// The value of the one Host field, within `fields`.
    private(set) var host: ByteRange?
    private(set) var contentLength: UInt64?

    private var limits = HeadLimits(bytes: 0, fields: 0)
    private var fieldCount = 0
    /// Fields that have come, those behind a fault included.
    private var seenCount = 0
    private var hasRegular = false
    /// Bytes that the head would have as HTTP/1.1 writes it.
    private var used = 0

    func begin(_ stream: HTTP2Stream, _ kind: Kind, limits: HeadLimits) {
        self.stream = stream
        self.kind = kind
        self.limits = limits
        fault = nil
        fields.removeAll()
        cookies.removeAll()
        pseudo.removeAll()
        (method, scheme, authority, path, `protocol`, status, host) = (nil, nil, nil, nil, nil, nil, nil)
        contentLength = nil
        fieldCount = 0
        seenCount = 0
        hasRegular = false
        used = 0
    }

    func refuse(_ reason: ReasonCode) {
        if fault == nil { fault = reason }
    }

    /// Takes in one field; false where the head is beyond every measure.
    func add(_ name: RawSpan, _ value: RawSpan) -> Bool {
        used += name.byteCount + value.byteCount + 4
        seenCount += 1
        guard seenCount <= limits.fields * HTTP2Settings.fieldBombFactor else {
            refuse(.headersTooMany)
            return false
        }
        guard used <= limits.bytes else {
            refuse(.headerTooLarge)
            return used <= limits.bytes * HTTP2Settings.bombFactor
        }
        guard fault == nil else { return true }
        guard Self.isValue(value) else {
            refuse(.headerMalformed)
            return true
        }
        if name.byteCount > 0, name.octet(0) == 0x3A {
            addPseudo(name, value)
        } else if Self.isName(name) {
            hasRegular = true
            addField(name, value)
        } else {
            refuse(.headerMalformed)
        }
        return true
    }

    /// RFC 9113 §8.3: known ones, each once, in front of all fields, never in trailers.
    private func addPseudo(_ name: RawSpan, _ value: RawSpan) {
        guard !hasRegular, kind != .trailers else { return refuse(.headerMalformed) }
        let place = ByteRange(start: pseudo.count, count: value.byteCount)
        if kind == .answer {
            guard status == nil, name.equalsIgnoringCase(":status") else { return refuse(.headerMalformed) }
            status = place
            return pseudo.append(value)
        }
        let isFirst: Bool
        switch name.byteCount {
        case 5 where name.hasPrefix(":path"):
            isFirst = path == nil
            path = place
        case 7 where name.hasPrefix(":method"):
            isFirst = method == nil
            method = place
        case 7 where name.hasPrefix(":scheme"):
            isFirst = scheme == nil
            scheme = place
        case 9 where name.hasPrefix(":protocol"):
            isFirst = `protocol` == nil
            `protocol` = place
        case 10 where name.hasPrefix(":authority"):
            isFirst = authority == nil
            authority = place
        default: isFirst = false
        }
        guard isFirst else { return refuse(.requestLineMalformed) }
        pseudo.append(value)
    }

    private func addField(_ name: RawSpan, _ value: RawSpan) {
        switch name.byteCount {
        // RFC 9113 §8.2.2: fields of one connection make a message malformed; TE may say `trailers`.
        case 2 where name.hasPrefix("te"):
            guard value.equalsIgnoringCase("trailers") else { return refuse(.headerMalformed) }
        case 7 where name.hasPrefix("upgrade"), 10 where name.hasPrefix("connection") || name.hasPrefix("keep-alive"),
            16 where name.hasPrefix("proxy-connection"), 17 where name.hasPrefix("transfer-encoding"):
            return refuse(.headerMalformed)
        case 4 where name.hasPrefix("host") && kind == .request:
            guard host == nil else { return refuse(.hostRepeated) }
            // What it repeats is counted already.
            if authority != nil { used -= name.byteCount + value.byteCount + 4 }
            host = ByteRange(start: pseudo.count, count: value.byteCount)
            return pseudo.append(value)
        case 6 where name.hasPrefix("cookie") && kind == .request:
            if cookies.isEmpty { fieldCount += 1 } else { cookies.append("; ") }
            guard fieldCount <= limits.fields else { return refuse(.headersTooMany) }
            return cookies.append(value)
        case 14 where name.hasPrefix("content-length"):
            contentLength = RequestHead.decimal(value)
        default: break
        }
        fieldCount += 1
        guard fieldCount <= limits.fields else { return refuse(.headersTooMany) }
        fields.append(name)
        fields.append(": ")
        fields.append(value)
        fields.append("\r\n")
    }

    /// RFC 9113 §8.2.1: a token without capitals.
    private static func isName(_ name: RawSpan) -> Bool {
        guard name.byteCount > 0 else { return false }
        for index in 0..<name.byteCount {
            let byte = name.octet(index)
            if FieldScanner.fold(byte) == 0 || (0x41...0x5A).contains(byte) { return false }
        }
        return true
    }

    /// RFC 9113 §8.2.1: no controls, no white space at an end.
    private static func isValue(_ value: RawSpan) -> Bool {
        let count = value.byteCount
        guard count > 0 else { return true }
        if FieldScanner.isBlank(value.octet(0)) || FieldScanner.isBlank(value.octet(count - 1)) { return false }
        return unsafe value.withUnsafeBytes { buffer in
            // The pointer is used within this call only; `count` bytes are there.
            guard let base = buffer.baseAddress else { return true }
            return unsafe FieldScanner.firstControl(base.assumingMemoryBound(to: UInt8.self), from: 0, count: count)
                == count
        }
    }
}
