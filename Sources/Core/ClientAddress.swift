/// The address of a client, as 128 bits; IPv4 is held in its IPv4-mapped form (RFC 4291 §2.5.5.2), so
/// that one comparison serves both families and `::ffff:192.0.2.1` cannot pass for a stranger.
public struct ClientAddress: Hashable, Sendable {
    /// The first and last eight bytes in network order, read as big-endian numbers.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address, its four bytes read as a big-endian number.
    public init(ipv4: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(ipv4))
    }

    /// True for IPv4, mapped or not.
    public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// True for 127.0.0.0/8 and ::1.
    public var isLoopback: Bool { (isIPv4 && (low >> 24) & 0xFF == 127) || (high == 0 && low == 1) }

    /// The network of this address: the first `prefix` bits, counted in the address's own family
    /// (0…32 for IPv4, 0…128 for IPv6); the rest zero.
    public func network(prefix: Int) -> ClientAddress {
        let bits = isIPv4 ? min(max(prefix, 0), 32) + 96 : min(max(prefix, 0), 128)
        let highMask: UInt64 = bits >= 64 ? .max : (bits == 0 ? 0 : ~(UInt64.max >> UInt64(bits)))
        let lowMask: UInt64 = bits <= 64 ? 0 : (bits == 128 ? .max : ~(UInt64.max >> UInt64(bits - 64)))
        return ClientAddress(high: high & highMask, low: low & lowMask)
    }

    /// Reads an address in text form: dotted IPv4 without leading zeros, or IPv6 (RFC 4291 §2.2) with or
    /// without square brackets; no zone, no port.  Nil for anything else.
    public init?(_ text: String) {
        var octets = Array(text.utf8)
        if octets.first == UInt8(ascii: "["), octets.last == UInt8(ascii: "]"), octets.count > 2 {
            octets = Array(octets[1..<(octets.count - 1)])
            guard octets.contains(UInt8(ascii: ":")) else { return nil }
        }
        self.init(octets: octets.span)
    }

    /// As `init(_: String)`, without brackets, from bytes.
    public init?(octets: Span<UInt8>) {
        guard octets.count >= 2, octets.count <= 45 else { return nil }
        var hasColon = false
        for index in octets.indices where octets[index] == UInt8(ascii: ":") { hasColon = true }
        if hasColon {
            guard let address = Self.ipv6(octets) else { return nil }
            self = address
        } else {
            guard let address = Self.ipv4(octets, from: 0) else { return nil }
            self.init(ipv4: address)
        }
    }

    /// As `init(octets:)`, but for IPv6 alone: what stands between the brackets of a URI (RFC 3986 §3.2.2).
    public init?(ipv6 octets: Span<UInt8>) {
        guard octets.count >= 2, octets.count <= 45, let address = Self.ipv6(octets) else { return nil }
        self = address
    }

    private static func ipv4(_ octets: Span<UInt8>, from start: Int) -> UInt32? {
        var address: UInt32 = 0
        var parts = 0
        var digits = 0
        var part: UInt32 = 0
        for index in start..<octets.count {
            let octet = octets[index]
            if octet == UInt8(ascii: ".") {
                guard digits > 0, parts < 3 else { return nil }
                address = address << 8 | part
                parts += 1
                digits = 0
                part = 0
            } else {
                guard octet >= 0x30, octet <= 0x39, digits < 3, !(digits > 0 && part == 0) else { return nil }
                part = part * 10 + UInt32(octet - 0x30)
                guard part <= 255 else { return nil }
                digits += 1
            }
        }
        guard parts == 3, digits > 0 else { return nil }
        return address << 8 | part
    }

    /// Reads an IPv6 address without brackets (RFC 4291 §2.2).  The groups are gathered in two numbers, those
    /// before and those behind `::`, so that nothing is allocated.
    private static func ipv6(_ octets: Span<UInt8>) -> ClientAddress? {
        let colon = UInt8(ascii: ":")
        var groups: (front: UInt128, back: UInt128) = (0, 0)
        var counts = (front: 0, back: 0)
        var hasGap = false
        var index = 0
        if octets[0] == colon {
            guard octets[1] == colon else { return nil }
            hasGap = true
            index = 2
        }
        while index < octets.count {
            var end = index
            var isDotted = false
            while end < octets.count, octets[end] != colon {
                if octets[end] == UInt8(ascii: ".") { isDotted = true }
                end += 1
            }
            // An embedded IPv4 address may stand for the last two groups.
            let width = isDotted ? 2 : 1
            guard end > index, counts.front + counts.back + width <= 8 else { return nil }
            var value: UInt128 = 0
            if isDotted {
                guard end == octets.count, let tail = ipv4(octets, from: index) else { return nil }
                value = UInt128(tail)
            } else {
                guard end - index <= 4 else { return nil }
                for position in index..<end {
                    guard let digit = ASCII.hexadecimalValue(octets[position]) else { return nil }
                    value = value << 4 | UInt128(digit)
                }
            }
            if hasGap {
                groups.back = groups.back << UInt128(16 * width) | value
                counts.back += width
            } else {
                groups.front = groups.front << UInt128(16 * width) | value
                counts.front += width
            }
            index = end
            guard index < octets.count else { break }
            index += 1
            guard index < octets.count else { return nil }
            if octets[index] == colon {
                guard !hasGap else { return nil }
                hasGap = true
                index += 1
            }
        }
        let count = counts.front + counts.back
        guard hasGap ? count < 8 : count == 8 else { return nil }
        let shift = UInt128(16 * (8 - counts.front))
        let bits = (counts.front == 0 ? 0 : groups.front << shift) | groups.back
        return ClientAddress(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }
}

extension ClientAddress: CustomStringConvertible {
    /// The canonical text: dotted IPv4, or IPv6 as RFC 5952 writes it.
    public var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String((low >> UInt64($0)) & 0xFF) }.joined(separator: ".")
        }
        let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { (half >> UInt64($0)) & 0xFFFF } }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > best.count, end - start >= 2 { best = start..<end }
            start = max(end, start + 1)
        }
        let text = { (range: Range<Int>) in range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return text(0..<8) }
        return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}

/// A range of addresses in CIDR form (RFC 4632, RFC 4291 §2.3): `10.0.0.0/8`, `2001:db8::/32`, or one
/// address alone.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    public let network: ClientAddress
    /// Length of the prefix in the network's own family.
    public let prefix: Int

    /// Nil unless `text` is an address with an optional prefix length, and no bit is set behind the prefix.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = ClientAddress(String(first)) else { return nil }
        let longest = address.isIPv4 ? 32 : 128
        var length = longest
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...longest).contains(given), String(given) == parts[1] else {
                return nil
            }
            length = given
        }
        guard address.network(prefix: length) == address else { return nil }
        network = address
        prefix = length
    }

    /// True where `address` lies in the range; an IPv4 address never lies in an IPv6 range.
    public func contains(_ address: ClientAddress) -> Bool {
        address.isIPv4 == network.isIPv4 && address.network(prefix: prefix) == network
    }

    /// The text that `init` reads, always with a prefix length.
    public var description: String { "\(network)/\(prefix)" }
}
