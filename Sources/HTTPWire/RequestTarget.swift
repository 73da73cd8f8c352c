import Core

/// Takes a request target apart (RFC 9112 §3.2): origin-form, or absolute-form with the https scheme.
///
/// Asterisk-form asks about the gateway itself and has no path to judge, authority-form belongs to CONNECT:
/// both are refused.  So is a fragment, which no client sends and which a lenient server would cut off.
enum RequestTarget {
    static func read(_ target: ByteRange, _ bytes: RawSpan, _ head: inout RequestHead) -> ReasonCode? {
        let range = target.range
        var pathStart = range.lowerBound
        if bytes.octet(pathStart) != 0x2F {
            let text = bytes.extracting(range)
            guard let schemeEnd = schemeEnd(text) else { return .targetMalformed }
            guard text.extracting(0..<schemeEnd).equalsIgnoringCase("https") else { return .targetScheme }
            let authorityStart = pathStart + schemeEnd + 3
            var index = authorityStart
            while index < range.upperBound, bytes.octet(index) != 0x2F, bytes.octet(index) != 0x3F { index += 1 }
            guard index > authorityStart else { return .hostMalformed }
            head.authority = ByteRange(start: authorityStart, count: index - authorityStart)
            pathStart = index
        }
        var pathEnd = pathStart
        var isQuery = false
        for index in pathStart..<range.upperBound {
            let byte = bytes.octet(index)
            if byte == 0x23 { return .targetMalformed }
            if byte == 0x3F { isQuery = true }
            if !isQuery { pathEnd = index + 1 }
        }
        head.path = ByteRange(start: pathStart, count: pathEnd - pathStart)
        head.query = isQuery ? ByteRange(start: pathEnd + 1, count: range.upperBound - pathEnd - 1) : nil
        head.target = ByteRange(start: pathStart, count: range.upperBound - pathStart)
        return nil
    }

    /// The length of the scheme, where `://` follows one.
    private static func schemeEnd(_ text: RawSpan) -> Int? {
        var index = 0
        while index < text.byteCount {
            let byte = text.octet(index) | 0x20
            guard (0x61...0x7A).contains(byte) || (index > 0 && (0x30...0x39).contains(byte)) else { break }
            index += 1
        }
        guard index > 0, index + 3 <= text.byteCount else { return nil }
        return text.extracting(index..<index + 3).hasPrefix("://") ? index : nil
    }
}
