import Access
import Core
import HTTPWire

/// Finds the gateway's own cookies (RFC 6265bis §4.2.1) among a client's.
enum CookieReader {
    /// Every cookie of ours begins so; none of them reaches the application.
    static let ownPrefix: StaticString = "__Host-gatehouse"
    /// Bytes that a session token may have.
    static let tokenLengths = 20...256

    /// Calls `crumb` for each `name=value` of a Cookie field's value.
    static func forEach(_ value: RawSpan, _ crumb: (_ range: Range<Int>, _ isOwn: Bool) -> Void) {
        var position = 0
        while position < value.byteCount {
            var start = position
            var end = value.firstIndex(of: 0x3B, from: position)
            position = end + 1
            while start < end, value.octet(start) == 0x20 || value.octet(start) == 0x09 { start += 1 }
            while end > start, value.octet(end - 1) == 0x20 || value.octet(end - 1) == 0x09 { end -= 1 }
            guard start < end else { continue }
            crumb(start..<end, isOwn(value.extracting(start..<end)))
        }
    }

    /// True where a `name=value` is one of ours: `__Host-gatehouse`, or that with `-` and more.  Browsers trim
    /// blanks, and send a nameless cookie as its value alone, so both are looked through.
    static func isOwn(_ crumb: RawSpan) -> Bool {
        var start = 0
        while start < crumb.byteCount, isSkipped(crumb.octet(start)) { start += 1 }
        let count = ownPrefix.utf8CodeUnitCount
        // Nearly every cookie of others begins otherwise.
        guard crumb.byteCount - start >= count, crumb.octet(start) == 0x5F,
            crumb.extracting(start..<start + count).equalsIgnoringCase(ownPrefix)
        else { return false }
        guard start + count < crumb.byteCount else { return true }
        switch crumb.octet(start + count) {
        case 0x3D, 0x2D, 0x3B, 0x20, 0x09: return true
        default: return false
        }
    }

    private static func isSkipped(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x3D }

    /// The value's range where `crumb` is the session cookie.
    static func sessionToken(_ value: RawSpan, _ crumb: Range<Int>) -> Range<Int>? {
        let name: StaticString = "__Host-gatehouse="
        guard value.extracting(crumb).hasPrefix(name) else { return nil }
        return crumb.lowerBound + name.utf8CodeUnitCount..<crumb.upperBound
    }

    /// The tenant that a session token names, which stands before its dot; nil where it names none.
    static func tenant(ofToken token: RawSpan) -> TenantID? {
        var octets: [UInt8] = []
        for index in 0..<min(token.byteCount, 64) {
            let octet = token.octet(index)
            if octet == 0x2E { return TenantID(String(decoding: octets, as: UTF8.self)) }
            octets.append(octet)
        }
        return nil
    }

    /// The language that a person has chosen on one of our pages; nil where none was, or two were.
    static func language(_ head: borrowing RequestHead, _ bytes: RawSpan) -> PageLanguage? {
        let name: StaticString = "__Host-gatehouse-lang="
        var found: PageLanguage?
        var count = 0
        for field in head.fields where field.id == .cookie {
            let value = bytes.extracting(field.value.range)
            forEach(value) { crumb, isOwn in
                guard isOwn, value.extracting(crumb).hasPrefix(name) else { return }
                let word = value.extracting(crumb.lowerBound + name.utf8CodeUnitCount..<crumb.upperBound)
                count += 1
                found = word.equalsIgnoringCase("de") ? .german : word.equalsIgnoringCase("en") ? .english : nil
            }
        }
        return count == 1 ? found : nil
    }

    /// The tenant that the session token among a request's cookies names.
    static func tenant(_ head: borrowing RequestHead, _ bytes: RawSpan) -> TenantID? {
        var tenant: TenantID?
        for field in head.fields where field.id == .cookie {
            let value = bytes.extracting(field.value.range)
            forEach(value) { crumb, isOwn in
                guard isOwn, let token = sessionToken(value, crumb) else { return }
                tenant = self.tenant(ofToken: value.extracting(token))
            }
        }
        return tenant
    }
}
