import Core
import HTTPWire

/// Finds the client behind trusted proxies (security rule 4): `X-Forwarded-For` read from right to left, up
/// to the first address that is no trusted proxy; what cannot be read ends the walk at the last good hop.
enum ForwardedFor {
    /// Most entries that are looked at.
    static let mostHops = 32

    static func client(
        peer: ClientAddress, head: borrowing RequestHead, bytes: RawSpan, isTrusted: (ClientAddress) -> Bool
    ) -> ClientAddress {
        var last = peer
        var hops = 0
        var index = head.fields.count - 1
        while index >= 0 {
            let field = head.fields[index]
            index -= 1
            guard field.id == .xForwardedFor else { continue }
            let value = bytes.extracting(field.value.range)
            var end = value.byteCount
            while end > 0 {
                var start = end
                while start > 0, value.octet(start - 1) != 0x2C { start -= 1 }
                let entry = trimmed(value, start..<end)
                end = start - 1
                hops += 1
                guard hops <= mostHops, let address = address(value.extracting(entry)) else { return last }
                last = address
                guard isTrusted(address) else { return last }
            }
        }
        return last
    }

    private static func trimmed(_ value: RawSpan, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, value.octet(start) == 0x20 || value.octet(start) == 0x09 { start += 1 }
        while end > start, value.octet(end - 1) == 0x20 || value.octet(end - 1) == 0x09 { end -= 1 }
        return start..<end
    }

    /// An address, with or without a port, IPv6 with or without brackets.
    private static func address(_ entry: RawSpan) -> ClientAddress? {
        guard (2...60).contains(entry.byteCount) else { return nil }
        var text = [UInt8]()
        for index in 0..<entry.byteCount { text.append(entry.octet(index)) }
        if text[0] == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")), isPort(text[(close + 1)...]) else { return nil }
            return ClientAddress(ipv6: text[1..<close].span)
        }
        if text.filter({ $0 == UInt8(ascii: ":") }).count == 1, let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(text[colon...]) else { return nil }
            return ClientAddress(octets: text[0..<colon].span)
        }
        return ClientAddress(octets: text.span)
    }

    /// True for nothing, or a colon and one to five digits.
    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        text.isEmpty
            || (text.first == UInt8(ascii: ":") && (2...6).contains(text.count)
                && text.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
    }
}
