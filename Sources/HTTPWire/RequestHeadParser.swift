public import Core

/// Reads an HTTP/1.1 request's head (RFC 9112 §2–§5), strictly, in one pass.
public struct RequestHeadParser: Sendable {
    public var limits: HeadLimits

    public init(limits: HeadLimits) { self.limits = limits }

    public enum Outcome: Sendable, Hashable {
        /// More bytes are needed; nothing read so far was wrong.
        case incomplete
        /// `head` is filled; `head.length` bytes belong to it.
        case complete
        case refused(ReasonCode)
    }

    /// - Parameters:
    ///   - bytes: everything received for this request, from its first byte.
    ///   - head: filled on `.complete`; on `.refused` its method and target stand where they were read, for
    ///     the log.
    public func parse(_ bytes: RawSpan, into head: inout RequestHead) -> Outcome {
        head.reset()
        // What lies beyond the bound is not looked at, so that the verdict does not depend on how much of it has
        // come already.
        let bytes = bytes.extracting(0..<min(bytes.byteCount, limits.bytes))
        let outcome = unsafe bytes.withUnsafeBytes { buffer in
            // The pointer is used within this call only, and every index is compared with the count.
            guard let base = buffer.baseAddress else { return Outcome.incomplete }
            return unsafe parse(base.assumingMemoryBound(to: UInt8.self), buffer.count, bytes, &head)
        }
        guard outcome == .incomplete, bytes.byteCount >= limits.bytes else { return outcome }
        return .refused(head.target.isEmpty && !Self.hasLine(bytes) ? .targetTooLong : .headerTooLarge)
    }

    private static func hasLine(_ bytes: RawSpan) -> Bool {
        for index in 2..<max(2, bytes.byteCount) where bytes.octet(index) == 0x0A { return true }
        return false
    }

    private func parse(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ bytes: RawSpan, _ head: inout RequestHead
    ) -> Outcome {
        // One empty line before the request line is allowed (RFC 9112 §2.2).
        var index = 0
        if count > 0, unsafe base[0] == 0x0D {
            guard count > 1 else { return .incomplete }
            guard unsafe base[1] == 0x0A else { return .refused(.requestLineMalformed) }
            index = 2
        }
        switch unsafe requestLine(base, count, &index, bytes, &head) {
        case .complete: break
        case let other: return other
        }
        var scanner = unsafe FieldScanner(base: base, count: count, position: index)
        while true {
            switch scanner.next() {
            case .field(let field):
                if head.fields.count >= limits.fields { return .refused(.headersTooMany) }
                head.note(field, bytes: bytes)
            case .end:
                head.length = scanner.position
                if let reason = head.settle() { return .refused(reason) }
                return .complete
            case .incomplete: return .incomplete
            case .malformed: return .refused(.headerMalformed)
            }
        }
    }

    private func requestLine(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int, _ bytes: RawSpan, _ head: inout RequestHead
    ) -> Outcome {
        // 1. The method.
        let methodStart = index
        while index < count, unsafe FieldScanner.fold(base[index]) != 0 { index += 1 }
        let methodCount = index - methodStart
        guard methodCount <= MethodTable.longest else { return .refused(.methodUnsupported) }
        guard index < count else { return .incomplete }
        guard methodCount > 0, unsafe base[index] == 0x20 else { return .refused(.requestLineMalformed) }
        index += 1
        // 2. The target: visible ASCII up to a space.
        let targetStart = index
        while index < count, unsafe base[index] > 0x20, unsafe base[index] < 0x7F { index += 1 }
        guard index < count else {
            return .incomplete
        }
        let targetEnd = index
        guard targetEnd > targetStart else { return .refused(.requestLineMalformed) }
        switch unsafe base[index] {
        case 0x20: break
        case 0x0D, 0x0A: return .refused(.requestLineMalformed)
        default: return .refused(.targetMalformed)
        }
        index += 1
        // 3. The version and the end of the line.
        let version: StaticString = "HTTP/"
        for offset in 0..<5 {
            guard index + offset < count else { return .incomplete }
            guard unsafe base[index + offset] == version.utf8Start[offset] else {
                return .refused(.requestLineMalformed)
            }
        }
        index += 5
        guard index + 5 <= count else { return .incomplete }
        let (major, dot, minor) = unsafe (base[index], base[index + 1], base[index + 2])
        guard (0x30...0x39).contains(major), dot == 0x2E, (0x30...0x39).contains(minor),
            unsafe base[index + 3] == 0x0D, unsafe base[index + 4] == 0x0A
        else { return .refused(.requestLineMalformed) }
        index += 5
        guard major == 0x31, minor <= 0x31 else { return .refused(.versionUnsupported) }
        head.minorVersion = minor - 0x30
        // 4. What they mean.
        let target = ByteRange(start: targetStart, count: targetEnd - targetStart)
        head.target = target
        guard let method = MethodTable.method(bytes.extracting(methodStart..<methodStart + methodCount)) else {
            return .refused(.methodUnsupported)
        }
        head.method = method
        if method == .trace || method == .connect { return .refused(.methodRefused) }
        if let reason = RequestTarget.read(target, bytes, &head) { return .refused(reason) }
        return .complete
    }
}
