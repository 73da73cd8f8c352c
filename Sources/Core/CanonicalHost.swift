/// The host that a request names, in the one spelling that tables, logs and redirects use: lower-case,
/// without port and without the root's trailing dot; an IPv6 address in brackets as RFC 5952 writes it.
///
/// The storage is kept between requests, so that a loop reads host after host without allocating.
/// Two hosts are equal when their bytes are: the port takes no part, because it never chooses a tenant.
public struct CanonicalHost: Sendable {
    /// The canonical bytes stand in front; the rest is scratch.
    private var storage: [UInt8]
    /// How many canonical bytes there are: 1…253, and 0 before the first reading and after a refused one.
    public private(set) var count: Int
    /// The port after the colon, 1…65535; nil where none was written.
    public private(set) var port: UInt16?
    /// A digest of the bytes, made while they are read, so that a look-up hashes one number.  It is not
    /// keyed: use this type as a key only in tables whose keys come from the configuration.
    private var digest: UInt64

    /// The longest accepted field value: 253 bytes of name, the root's dot, a colon and five digits.
    public static let longestField = 260

    /// Empty storage, to be filled by `read`.
    public init() {
        storage = Array(repeating: 0, count: 256)
        (count, port, digest) = (0, nil, 0)
    }

    /// Reads a host of the configuration, where no port may stand and an IPv6 address may come without
    /// brackets.  Nil where `read` would refuse it.
    public init?(_ text: String) {
        self.init()
        var octets = Array(text.utf8)
        if octets.first != UInt8(ascii: "["), octets.count(where: { $0 == UInt8(ascii: ":") }) > 1 {
            octets = [UInt8(ascii: "[")] + octets + [UInt8(ascii: "]")]
        }
        guard octets.last != UInt8(ascii: ":"), read(octets.span) == nil, port == nil else { return nil }
    }

    /// Reads the value of a Host field or the authority of a request target (RFC 9110 §7.2, RFC 3986 §3.2).
    ///
    /// Accepted are a registered name of letters, digits, `-`, `_` and dots (labels of 1…63 bytes, 253 in
    /// all, one trailing dot dropped), which covers IPv4, and a bracketed IPv6 address without a zone; then
    /// an optional colon with a port of 1…5 digits from 1 to 65535.
    ///
    /// - Returns: nil, or `.hostMalformed` for anything else: user info, blanks, percent triplets, an empty
    ///   name, an empty port.
    public mutating func read(_ field: RawSpan) -> ReasonCode? { read(Span<UInt8>(_bytes: field)) }

    /// As `read(_: RawSpan)`.
    public mutating func read(_ octets: Span<UInt8>) -> ReasonCode? {
        (count, port, digest) = (0, nil, 0)
        guard octets.count > 0, octets.count <= Self.longestField else { return .hostMalformed }
        let end = octets[0] == UInt8(ascii: "[") ? readAddress(octets) : readName(octets)
        guard let end, readPort(octets, from: end) else {
            (count, port, digest) = (0, nil, 0)
            return .hostMalformed
        }
        return nil
    }

    /// The canonical bytes: `a-z 0-9 - _ .`, or a bracketed IPv6 address.
    public var bytes: ArraySlice<UInt8> { storage[0..<count] }

    /// Appends the canonical bytes, without allocating anything else.
    public func append(to output: inout [UInt8]) {
        for index in 0..<count { output.append(storage[index]) }
    }

    /// The canonical bytes as text, for logs and explanations.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// True for a bracketed IPv6 address.
    public var isIPv6: Bool { count > 0 && storage[0] == UInt8(ascii: "[") }
}

extension CanonicalHost: Hashable {
    public static func == (one: Self, other: Self) -> Bool {
        guard one.digest == other.digest, one.count == other.count else { return false }
        let left = one.storage.span.extracting(0..<one.count)
        let right = other.storage.span.extracting(0..<one.count)
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension CanonicalHost: CustomStringConvertible {
    public var description: String { text }
}

extension CanonicalHost {
    /// Reads a registered name; the position behind it, or nil.
    private mutating func readName(_ octets: Span<UInt8>) -> Int? {
        var out = storage.mutableSpan
        var sum = HostDigest()
        var label = 0
        var index = 0
        while index < octets.count {
            var octet = octets[index]
            switch octet {
            case 0x61...0x7A, 0x30...0x39, 0x2D, 0x5F: label += 1
            case 0x41...0x5A:
                label += 1
                octet |= 0x20
            case UInt8(ascii: "."):
                guard label > 0, label <= 63 else { return nil }
                label = 0
            case UInt8(ascii: ":"): return finishName(length: index, label: label, sum)
            default: return nil
            }
            guard index < 254 else { return nil }
            out[index] = octet
            sum.add(octet)
            index += 1
        }
        return finishName(length: index, label: label, sum)
    }

    /// Drops the root's dot, which leaves an empty last label, and bounds what is left.
    private mutating func finishName(length: Int, label: Int, _ sum: HostDigest) -> Int? {
        guard length > 0, label <= 63 else { return nil }
        count = label == 0 ? length - 1 : length
        guard (1...253).contains(count) else { return nil }
        digest = label == 0 ? digestOfStorage() : sum.value
        return length
    }

    private func digestOfStorage() -> UInt64 {
        var sum = HostDigest()
        for index in 0..<count { sum.add(storage[index]) }
        return sum.value
    }

    /// Reads a bracketed IPv6 address; the position behind it, or nil.
    private mutating func readAddress(_ octets: Span<UInt8>) -> Int? {
        var close = 1
        while close < octets.count, octets[close] != UInt8(ascii: "]") { close += 1 }
        guard close < octets.count, let address = ClientAddress(ipv6: octets.extracting(1..<close)) else { return nil }
        append(UInt8(ascii: "["))
        appendAddress(address)
        append(UInt8(ascii: "]"))
        digest = digestOfStorage()
        return close + 1
    }

    private mutating func append(_ octet: UInt8) {
        storage[count] = octet
        count += 1
    }

    /// RFC 5952 §4: no leading zeros, lower case, the first longest run of two or more zero groups as `::`.
    /// An IPv4-mapped address keeps this form, so that it never equals a name of digits and dots.
    private mutating func appendAddress(_ address: ClientAddress) {
        var gap = 0..<0
        var run = 0
        for position in 0..<8 {
            run = Self.group(position, of: address) == 0 ? run + 1 : 0
            if run >= 2, run > gap.count { gap = (position + 1 - run)..<(position + 1) }
        }
        var position = 0
        while position < 8 {
            if position == gap.lowerBound, !gap.isEmpty {
                append(UInt8(ascii: ":"))
                append(UInt8(ascii: ":"))
                position = gap.upperBound
                continue
            }
            if position > 0, position != gap.upperBound || gap.isEmpty { append(UInt8(ascii: ":")) }
            let group = Self.group(position, of: address)
            var shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0
            while shift >= 0 {
                append(ASCII.hexadecimalDigit(UInt8(truncatingIfNeeded: group >> UInt64(shift))))
                shift -= 4
            }
            position += 1
        }
    }

    private static func group(_ position: Int, of address: ClientAddress) -> UInt64 {
        let half = position < 4 ? address.high : address.low
        return (half >> UInt64(48 - 16 * (position & 3))) & 0xFFFF
    }

    /// Reads `:port` up to the end of the field; true where nothing or a good port stands there.
    private mutating func readPort(_ octets: Span<UInt8>, from start: Int) -> Bool {
        guard start < octets.count else { return true }
        guard octets[start] == UInt8(ascii: ":"), (2...6).contains(octets.count - start) else { return false }
        var number: UInt32 = 0
        for index in (start + 1)..<octets.count {
            guard octets[index] >= 0x30, octets[index] <= 0x39 else { return false }
            number = number * 10 + UInt32(octets[index] - 0x30)
        }
        guard (1...65535).contains(number) else { return false }
        port = UInt16(number)
        return true
    }
}

/// Mixes bytes eight at a time, so that no byte waits for a multiplication.
private struct HostDigest {
    private var word: UInt64 = 0
    private var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
    private var length: UInt64 = 0

    mutating func add(_ octet: UInt8) {
        word = word << 8 | UInt64(octet)
        length &+= 1
        if length & 7 == 0 { mixed = Self.mix(mixed, word) }
    }

    var value: UInt64 { Self.mix(Self.mix(mixed, word), length) }

    private static func mix(_ mixed: UInt64, _ word: UInt64) -> UInt64 {
        let product = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 32)
    }
}
