import Core

/// Makes an upstream's caching fields safe for answers that depend on who asked: a shared cache in front of
/// us would otherwise hand one member's page to the next (interfaces, "What a request meets").
public enum CacheRewriting {
    /// Fields that speak to shared caches alone; removed from answers under `CachePolicy.privateOnly`.
    public static let removedFields = ["cdn-cache-control", "surrogate-control"]

    /// Appends what `Cache-Control` says where the upstream sent none.
    public static func appendWhereNothingWasSaid(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "private, no-cache".utf8)
    }

    /// Appends the rewritten value of a `Cache-Control` field (RFC 9111 §5.2.2): `public` and `s-maxage` are
    /// gone, `private` without field names stands in front, every other directive stays as it was.  A value
    /// without any directive counts as nothing said.  One that is no list of directives, a quote left
    /// open for instance, is replaced by `private, no-store`: nobody knows what it was meant to say.
    ///
    /// Several fields may be rewritten one by one.
    public static func append(_ value: RawSpan, to bytes: inout [UInt8]) {
        append(Span<UInt8>(_bytes: value), to: &bytes)
    }

    /// As `append(_: RawSpan, to:)`.
    public static func append(_ value: Span<UInt8>, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: "private".utf8)
        var hasDirective = false
        var index = 0
        while index < value.count {
            guard let end = endOfDirective(value, from: index) else {
                bytes.removeLast(bytes.count - start)
                bytes.append(contentsOf: "private, no-store".utf8)
                return
            }
            let directive = trimmed(value, index..<end)
            index = end + 1
            guard !directive.isEmpty else { continue }
            hasDirective = true
            guard !isDropped(value, directive) else { continue }
            bytes.append(contentsOf: ", ".utf8)
            for position in directive { bytes.append(value[position]) }
        }
        if !hasDirective {
            bytes.removeLast(bytes.count - start)
            appendWhereNothingWasSaid(to: &bytes)
        }
    }

    /// The position of the comma that ends the directive at `start`, or of the value's end; nil where a quoted
    /// string (RFC 9110 §5.6.4) never ends or a control stands.
    private static func endOfDirective(_ value: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        var isQuoted = false
        while index < value.count {
            let octet = value[index]
            guard octet >= 0x20 && octet != 0x7F || octet == 0x09 else { return nil }
            if isQuoted, octet == UInt8(ascii: "\\") {
                index += 1
            } else if octet == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if octet == UInt8(ascii: ","), !isQuoted {
                return index
            }
            index += 1
        }
        return isQuoted || index > value.count ? nil : index
    }

    private static func trimmed(_ value: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, value[lower] == 0x20 || value[lower] == 0x09 { lower += 1 }
        while lower < upper, value[upper - 1] == 0x20 || value[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }

    /// `public` and `s-maxage` with or without an argument, and every `private`, which is in front already.
    private static func isDropped(_ value: Span<UInt8>, _ directive: Range<Int>) -> Bool {
        // The name ends at `=`, or at a blank that has no place there.
        var name: UInt64 = 0
        var length = 0
        for position in directive {
            let octet = value[position]
            if octet == UInt8(ascii: "=") || octet == 0x20 || octet == 0x09 { break }
            guard length < 8 else { return false }
            name = name << 8 | UInt64(ASCII.lowercased(octet))
            length += 1
        }
        switch name {
        // The letters of `public`, `s-maxage` and `private`.
        case 0x7075_626C_6963, 0x732D_6D61_7861_6765, 0x7072_6976_6174_65: return true
        default: return false
        }
    }
}
