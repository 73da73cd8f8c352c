import CNGHTTP2
import Core

/// Turns heads that HTTP/1.1 would write into header lists (RFC 9113 §8.2): names in lower case, the first line as
/// pseudo-fields, no field of one connection.
///
/// The texts are this house's own, made by its rewriters from what its parsers have accepted.
///
/// Invariant of the unsafe code: `scratch.list` has `listCapacity` places.  The names lie in `scratch.names`, for which
/// room is made before the first is written, and the values in the text itself; the caller hands the list to the library,
/// which copies it, before it changes either.
extension HTTP2Session {
    /// A final or interim answer's list: its places, the bytes of the text, and the status.
    func answerList(_ text: RawSpan, _ stream: HTTP2Stream) -> (count: Int, length: Int, status: Int)? {
        // `HTTP/1.1 NNN`
        guard text.byteCount >= 14, text.hasPrefix("HTTP/1.1 ") else { return nil }
        var status = 0
        for index in 9..<12 { status = status * 10 + Int(text.octet(index) &- 0x30) }
        beginList(text)
        if status == 101, stream.isWebSocket {
            let granted: StaticString = "200"
            unsafe put(":status", granted.utf8Start, 3)
        } else {
            unsafe text.withUnsafeBytes { buffer in
                // 14 bytes are there.
                guard let base = buffer.baseAddress else { return }
                unsafe put(":status", base.assumingMemoryBound(to: UInt8.self) + 9, 3)
            }
        }
        guard let length = fields(text, from: lineEnd(text, 12), skipsHost: false) else { return nil }
        return (scratch.listCount, length, status)
    }

    /// A request's list; nil for what is no head in origin-form.
    func requestList(_ text: RawSpan, scheme: StaticString, isWebSocket: Bool = false) -> Int? {
        guard let end = lineEnd(text, 0) else { return nil }
        var space = 0
        while space < end, text.octet(space) != 0x20 { space += 1 }
        // ` HTTP/1.1` and CRLF end the line.
        let (target, targetEnd) = (space + 1, end - 11)
        guard space > 0, target < targetEnd, text.octet(target) == 0x2F else { return nil }
        beginList(text)
        unsafe text.withUnsafeBytes { buffer in
            // Every place was found within `end`.
            guard let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            if isWebSocket {
                let (method, other): (StaticString, StaticString) = ("CONNECT", "websocket")
                unsafe put(":method", method.utf8Start, method.utf8CodeUnitCount)
                unsafe put(":protocol", other.utf8Start, other.utf8CodeUnitCount)
            } else {
                unsafe put(":method", base, space)
            }
            unsafe put(":scheme", scheme.utf8Start, scheme.utf8CodeUnitCount)
            unsafe put(":path", base + target, targetEnd - target)
        }
        // RFC 9113 §8.3.1: Host becomes the authority, in front of the fields.
        guard let host = value("host", text, from: end) else { return nil }
        unsafe text.withUnsafeBytes { buffer in
            guard let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            unsafe put(":authority", base + host.lowerBound, host.count)
        }
        guard fields(text, from: end, skipsHost: true) != nil else { return nil }
        return scratch.listCount
    }

    /// The list of a trailer section; nil where it has no field.
    func trailerList(_ text: RawSpan) -> Int? {
        beginList(text)
        guard fields(text, from: 0, skipsHost: false) != nil, scratch.listCount > 0 else { return nil }
        return scratch.listCount
    }

    private func beginList(_ text: RawSpan) {
        scratch.listCount = 0
        scratch.names.removeAll()
        scratch.names.reserve(text.byteCount)
    }

    /// Behind the line that holds `position`.
    private func lineEnd(_ text: RawSpan, _ position: Int) -> Int? {
        var index = position
        while index < text.byteCount {
            if text.octet(index) == 0x0A { return index + 1 }
            index += 1
        }
        return nil
    }

    /// The value of the first field of this name.
    private func value(_ name: StaticString, _ text: RawSpan, from start: Int) -> Range<Int>? {
        var position = start
        let count = name.utf8CodeUnitCount
        while let end = lineEnd(text, position), end - position > 2 {
            if position + count + 2 <= end - 2, text.octet(position + count) == 0x3A,
                text.extracting(position..<position + count).equalsIgnoringCase(name)
            {
                return Self.trimmed(text, position + count + 1..<end - 2)
            }
            position = end
        }
        return nil
    }

    private static func trimmed(_ text: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, FieldScanner.isBlank(text.octet(start)) { start += 1 }
        while end > start, FieldScanner.isBlank(text.octet(end - 1)) { end -= 1 }
        return start..<end
    }

    /// Puts the field lines up to the empty one into the list; the bytes of the text up to behind it.
    private func fields(_ text: RawSpan, from start: Int?, skipsHost: Bool) -> Int? {
        guard var position = start else { return nil }
        return unsafe text.withUnsafeBytes { buffer in
            guard let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
            while let end = lineEnd(text, position) {
                guard end - position > 2 else { return end }
                var colon = position
                while colon < end, unsafe base[colon] != 0x3A { colon += 1 }
                guard colon > position, colon < end, scratch.listCount < HTTP2Scratch.listCapacity else { return nil }
                let name = text.extracting(position..<colon)
                let value = Self.trimmed(text, colon + 1..<end - 2)
                position = end
                if Self.isLeftOut(name, skipsHost: skipsHost) { continue }
                // Both places are within the text.
                unsafe put(base + (colon - name.byteCount), name.byteCount, base + value.lowerBound, value.count)
            }
            return nil
        }
    }

    /// Fields of one connection (RFC 9113 §8.2.2), and a WebSocket's that this version has no need of.
    private static func isLeftOut(_ name: RawSpan, skipsHost: Bool) -> Bool {
        switch name.byteCount {
        case 4: skipsHost && name.equalsIgnoringCase("host")
        case 7: name.equalsIgnoringCase("upgrade")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 16: name.equalsIgnoringCase("proxy-connection")
        case 17: name.equalsIgnoringCase("transfer-encoding") || name.equalsIgnoringCase("sec-websocket-key")
        case 20: name.equalsIgnoringCase("sec-websocket-accept")
        default: false
        }
    }

    private func put(_ name: StaticString, _ value: UnsafePointer<UInt8>, _ valueCount: Int) {
        unsafe put(place: scratch.listCount, name.utf8Start, name.utf8CodeUnitCount, value, valueCount, flags: 0)
    }

    /// Puts a field whose name may have capitals.
    private func put(
        _ name: UnsafePointer<UInt8>, _ count: Int, _ value: UnsafePointer<UInt8>, _ valueCount: Int
    ) {
        let start = scratch.names.count
        for index in 0..<count {
            let byte = unsafe name[index]
            scratch.names.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        scratch.names.withBytes { names in
            let own = names.extracting(start..<start + count)
            // An id is another one each time: a place in the table would push out what comes again.
            let flags = own.equals("x-request-id") ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : 0
            unsafe own.withUnsafeBytes { buffer in
                guard let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
                unsafe put(place: scratch.listCount, base, count, value, valueCount, flags: UInt8(flags))
            }
        }
    }

    private func put(
        place: Int, _ name: UnsafePointer<UInt8>, _ nameCount: Int, _ value: UnsafePointer<UInt8>, _ valueCount: Int,
        flags: UInt8
    ) {
        // The library reads through these pointers only; its type knows no const.
        unsafe scratch.list[place] = nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name), value: UnsafeMutablePointer(mutating: value),
            namelen: nameCount, valuelen: valueCount, flags: flags)
        scratch.listCount = place + 1
    }
}
