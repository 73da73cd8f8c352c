extension PageLanguage {
    /// At most so many bytes of `Accept-Language` are read; what stands behind them does not count.
    public static let acceptLanguageReadBytes = 512

    /// The language of ours that a client likes best (RFC 9110 §12.5.4); English where it likes none.
    ///
    /// A range stands for its primary subtag alone, so that `de-AT` asks for German (lookup, RFC 4647
    /// §3.4); `*` stands for what no other range names; of equal weights the one named first wins.  A
    /// range that does not parse is passed over: the function is total, reads each byte once and
    /// allocates nothing, so an event loop may ask it about whatever a stranger sends.
    ///
    /// - Parameter acceptLanguage: the field's value; empty where there was no such field.
    public static func preferred(acceptLanguage: RawSpan) -> PageLanguage {
        preferred(octets: Span<UInt8>(_bytes: acceptLanguage))
    }

    /// As above, for a value that is text already; nil stands for a field that was not sent.
    public static func preferred(acceptLanguage: String?) -> PageLanguage {
        guard let acceptLanguage else { return .english }
        let octets = Array(acceptLanguage.utf8.prefix(acceptLanguageReadBytes))
        return preferred(octets: octets.span)
    }

    private static func preferred(octets: Span<UInt8>) -> PageLanguage {
        var wishes = LanguageWishes()
        let end = min(octets.count, acceptLanguageReadBytes)
        var start = 0
        while start < end {
            var comma = start
            while comma < end, octets[comma] != UInt8(ascii: ",") { comma += 1 }
            if let range = LanguageRange(octets, start..<comma) { wishes.add(range) }
            start = comma + 1
        }
        return wishes.choice
    }
}

/// One entry of `Accept-Language`: `language-range [ weight ]`.
private struct LanguageRange {
    enum Subject { case english, german, wildcard, other }

    var subject: Subject
    /// The weight in thousandths, 0…1000 (RFC 9110 §12.4.2).
    var weight: Int

    /// Nil where the entry breaks the grammar.
    init?(_ octets: Span<UInt8>, _ bounds: Range<Int>) {
        var index = Self.skipBlanks(octets, bounds.lowerBound, bounds.upperBound)
        let start = index
        while index < bounds.upperBound, Self.isRangeOctet(octets[index]) { index += 1 }
        guard index > start else { return nil }
        subject = Self.subject(octets, start..<index)
        index = Self.skipBlanks(octets, index, bounds.upperBound)
        weight = 1000
        guard index < bounds.upperBound else { return }
        guard octets[index] == UInt8(ascii: ";") else { return nil }
        index = Self.skipBlanks(octets, index + 1, bounds.upperBound)
        guard index + 2 < bounds.upperBound, octets[index] | 0x20 == UInt8(ascii: "q"),
            octets[index + 1] == UInt8(ascii: "=")
        else { return nil }
        index += 2
        let leading = octets[index]
        guard leading == UInt8(ascii: "0") || leading == UInt8(ascii: "1") else { return nil }
        weight = leading == UInt8(ascii: "1") ? 1000 : 0
        index += 1
        if index < bounds.upperBound, octets[index] == UInt8(ascii: ".") {
            index += 1
            var unit = 100
            while index < bounds.upperBound, unit > 0, (0x30...0x39).contains(octets[index]) {
                weight += Int(octets[index] - 0x30) * unit
                unit /= 10
                index += 1
            }
        }
        guard weight <= 1000, Self.skipBlanks(octets, index, bounds.upperBound) == bounds.upperBound else { return nil }
    }

    private static func subject(_ octets: Span<UInt8>, _ bounds: Range<Int>) -> Subject {
        let start = bounds.lowerBound
        if bounds.count == 1, octets[start] == UInt8(ascii: "*") { return .wildcard }
        guard bounds.count == 2 || (bounds.count > 2 && octets[start + 2] == UInt8(ascii: "-")) else { return .other }
        switch (octets[start] | 0x20, octets[start + 1] | 0x20) {
        case (UInt8(ascii: "e"), UInt8(ascii: "n")): return .english
        case (UInt8(ascii: "d"), UInt8(ascii: "e")): return .german
        default: return .other
        }
    }

    private static func skipBlanks(_ octets: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, octets[index] == 0x20 || octets[index] == 0x09 { index += 1 }
        return index
    }

    private static func isRangeOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "*"): true
        default: false
        }
    }
}

/// What the entries read so far say about each of our languages.
private struct LanguageWishes {
    private var english: Int?
    private var german: Int?
    private var wildcard = 0
    private var isGermanFirst = false

    mutating func add(_ range: LanguageRange) {
        switch range.subject {
        case .english: english = max(english ?? 0, range.weight)
        case .german:
            if english == nil { isGermanFirst = true }
            german = max(german ?? 0, range.weight)
        case .wildcard: wildcard = max(wildcard, range.weight)
        case .other: break
        }
    }

    var choice: PageLanguage {
        let english = english ?? wildcard
        let german = german ?? wildcard
        if german > english { return .german }
        return german == english && german > 0 && isGermanFirst ? .german : .english
    }
}
