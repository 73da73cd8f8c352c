public import Core

/// Fills a `RequestHead` from a producer that has names and values instead of lines: HTTP/2 (RFC 9113
/// §8.2, §8.3).  The bytes are laid one after the other, and the same checks follow as for HTTP/1.1.
public struct RequestHeadBuilder: ~Copyable {
    private var bytes = WireBuffer()
    private var head = RequestHead()
    private var limits: HeadLimits
    /// Bytes that the head would have as HTTP/1.1 writes it, so that one bound means the same in both.
    private var used = 0
    private var hasHost = false
    private var fault: ReasonCode?

    public init(limits: HeadLimits) {
        self.limits = limits
        head.reset()
    }

    /// Begins a request by its pseudo-fields.
    /// - Parameters:
    ///   - path: `:path`: origin-form.
    ///   - authority: `:authority`, or the value of Host where there is none.
    public mutating func begin(method: RawSpan, path: RawSpan, authority: RawSpan) {
        bytes.removeAll()
        head.reset()
        hasHost = false
        fault = nil
        // `METHOD path HTTP/1.1`, a Host line and the empty line.
        used = method.byteCount + path.byteCount + authority.byteCount + 22
        if let known = MethodTable.method(method) {
            head.method = known
            if known == .trace || known == .connect { refuse(.methodRefused) }
        } else {
            refuse(.methodUnsupported)
        }
        guard used <= limits.bytes else { return refuse(.targetTooLong) }
        guard path.byteCount > 0, path.octet(0) == 0x2F, Self.isVisible(path) else { return refuse(.targetMalformed) }
        guard authority.byteCount > 0, Self.isVisible(authority) else { return refuse(.hostMalformed) }
        let target = append(path)
        let host = append(authority)
        head.host = host
        head.authority = host
        let reason = bytes.withBytes { RequestTarget.read(target, $0, &head) }
        head.authority = host
        if let reason { refuse(reason) }
    }

    /// Adds one field.  The name must be lower-case (RFC 9113 §8.2.1); neither may hold controls, and the
    /// value neither begins nor ends with white space.
    public mutating func add(name: RawSpan, value: RawSpan) {
        guard fault == nil else { return }
        guard head.fields.count < limits.fields else { return refuse(.headersTooMany) }
        let lineCount = name.byteCount + value.byteCount + 4
        guard used + lineCount <= limits.bytes else { return refuse(.headerTooLarge) }
        for index in 0..<name.byteCount where (0x41...0x5A).contains(name.octet(index)) {
            return refuse(.headerMalformed)
        }
        if value.byteCount > 0 {
            let (first, last) = (value.octet(0), value.octet(value.byteCount - 1))
            if FieldScanner.isBlank(first) || FieldScanner.isBlank(last) { return refuse(.headerMalformed) }
        }
        // The line is written as HTTP/1.1 writes it and read by the same scanner, which must find the same name: a
        // colon within it would begin another one's value.
        let start = bytes.count
        _ = append(name)
        bytes.append(": ")
        _ = append(value)
        bytes.append("\r\n")
        let line = bytes.withBytes { all in
            unsafe all.withUnsafeBytes { buffer in
                // The pointer is used within this call only.
                guard let base = buffer.baseAddress else { return FieldScanner.Line.malformed }
                var scanner = unsafe FieldScanner(
                    base: base.assumingMemoryBound(to: UInt8.self), count: buffer.count, position: start)
                let line = scanner.next()
                return scanner.position == buffer.count ? line : .malformed
            }
        }
        guard case .field(let field) = line, Int(field.name.count) == name.byteCount,
            Int(field.value.count) == value.byteCount
        else { return refuse(.headerMalformed) }
        // Host repeats what was counted for `:authority`.
        if field.id != .host { used += lineCount }
        switch field.id {
        case .connection, .transferEncoding, .upgrade, .hopByHop:
            // RFC 9113 §8.2.2: connection-specific fields make a request malformed.
            return refuse(.headerMalformed)
        case .te:
            // RFC 9113 §8.2.2: it may say `trailers` and nothing else.
            let isTrailers = bytes.withBytes { $0.extracting(field.value.range).equalsIgnoringCase("trailers") }
            return isTrailers ? head.fields.append(field) : refuse(.headerMalformed)
        case .host:
            // RFC 9113 §8.3.1: it may not differ from `:authority`.
            let isSame = bytes.withBytes { all in
                all.extracting(field.value.range).equalsIgnoringCase(all.extracting(head.authority?.range ?? 0..<0))
            }
            guard !hasHost else { return refuse(.hostRepeated) }
            hasHost = true
            // Kept among the fields, so that whoever copies runs of lines knows that this one is there.
            return isSame ? head.fields.append(field) : refuse(.hostMismatch)
        default:
            bytes.withBytes { head.note(field, bytes: $0) }
        }
    }

    /// Ends the head and lends it with its bytes, or tells why it is refused.
    /// - Parameter hasBody: a body follows (the stream was not ended with the head); its length is known only if
    ///   `content-length` said so, and whoever reads the stream holds it against the DATA (RFC 9113 §8.1.1).
    public mutating func finish(
        hasBody: Bool, _ body: (borrowing RequestHead, RawSpan) -> Void
    ) -> ReasonCode? {
        if let fault { return fault }
        if let reason = head.settle(isBodyFramedApart: hasBody) { return reason }
        head.length = bytes.count
        bytes.withBytes { body(head, $0) }
        return nil
    }

    private mutating func refuse(_ reason: ReasonCode) {
        if fault == nil { fault = reason }
    }

    private mutating func append(_ part: RawSpan) -> ByteRange {
        let start = bytes.count
        bytes.append(part)
        return ByteRange(start: start, count: part.byteCount)
    }

    private static func isVisible(_ text: RawSpan) -> Bool {
        for index in 0..<text.byteCount where !(0x21...0x7E).contains(text.octet(index)) { return false }
        return true
    }
}
