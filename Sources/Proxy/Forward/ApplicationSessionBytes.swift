import Access
import HTTPWire

/// What a route's `app_session` asks of answers: the application's own session ends in the browser where we can end it.
///
/// Its cookies are kept where one line takes them away: for this host alone, at every path.  Whatever else the
/// application says about them (Secure, HttpOnly, SameSite, how long they live) stays.
struct ApplicationSessionBytes {
    private let names: [[UInt8]]
    /// Takes each of the cookies out of the browser; each line is ended by CRLF.
    let clearing: [UInt8]
    private let logoutPath: [UInt8]?

    init(_ session: ApplicationSession) {
        names = session.cookies.map { Array($0.utf8) }
        clearing = session.cookies.flatMap { Array("Set-Cookie: \($0)=; Path=/; Max-Age=0; Secure\r\n".utf8) }
        logoutPath = session.logoutPath.map { Array($0.utf8) }
    }

    /// Whether a request goes to where the application signs its visitors out.
    func isLogout(_ path: RawSpan) -> Bool {
        guard let logoutPath else { return false }
        return path.isEqual(to: logoutPath)
    }

    /// Whether a `Set-Cookie` field sets one of the cookies (RFC 6265bis §5.6: blanks around the name do not count).
    func sets(_ field: RawSpan) -> Bool {
        let name = Self.trimmed(
            field, 0..<min(field.firstIndex(of: 0x3D, from: 0), field.firstIndex(of: 0x3B, from: 0)))
        return names.contains { field.extracting(name).isEqual(to: $0) }
    }

    /// Writes the field with our scope in place of the application's.
    func write(_ field: RawSpan, into out: inout WireBuffer) {
        out.append("Set-Cookie: ")
        var position = 0
        while position < field.byteCount {
            let end = field.firstIndex(of: 0x3B, from: position)
            let part = Self.trimmed(field, position..<end)
            if position == 0 {
                out.append(field.extracting(part))
            } else if !part.isEmpty, !Self.isScope(field.extracting(part)) {
                out.append("; ")
                out.append(field.extracting(part))
            }
            position = end + 1
        }
        out.append("; Path=/\r\n")
    }

    /// Attributes that say where a cookie counts: one that differs there is another cookie.
    private static func isScope(_ attribute: RawSpan) -> Bool {
        let name = attribute.extracting(trimmed(attribute, 0..<attribute.firstIndex(of: 0x3D, from: 0)))
        return name.equalsIgnoringCase("path") || name.equalsIgnoringCase("domain")
            || name.equalsIgnoringCase("partitioned")
    }

    private static func trimmed(_ bytes: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes.octet(start)) { start += 1 }
        while end > start, isBlank(bytes.octet(end - 1)) { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
}

extension RawSpan {
    fileprivate func isEqual(to octets: [UInt8]) -> Bool {
        guard byteCount == octets.count else { return false }
        for index in octets.indices where octet(index) != octets[index] { return false }
        return true
    }
}
