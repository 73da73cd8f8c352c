/// The path of a request target as rules are matched against it: percent-decoded once, judged once
/// (security rule 2), held in storage that is kept between requests.
///
/// Most paths have one reading.  Where a path uses a form that parsers disagree about (`PathForms`), two
/// are kept: the *lenient* one, which takes an encoded slash for a separator, cuts parameters off and
/// merges empty segments, and the *literal* one, which does none of that.  For patterns without such
/// forms every mixed reading matches a subset of what the lenient one matches and a superset of what the
/// literal one matches; so when both ends choose the same route, every parser behind does.
public struct CanonicalPath: Sendable {
    /// One of the two ways to read a path.
    public enum Reading: Sendable, Hashable, CaseIterable { case lenient, literal }

    /// The forms that the path uses; a route must allow each of them.
    public private(set) var needs: PathForms
    private var lenient: [UInt8]
    private var lenientCount: Int
    private var literal: [UInt8]
    private var literalCount: Int
    private var lenientHead: UInt128
    private var literalHead: UInt128

    /// What stands in the literal reading for an encoded slash; no decoded path contains it otherwise.
    static var opaqueSlash: UInt8 { 0 }

    /// Empty storage, to be filled by `read`.
    public init() {
        needs = []
        lenient = Array(repeating: 0, count: 512)
        literal = Array(repeating: 0, count: 64)
        (lenientCount, literalCount) = (0, 0)
        (lenientHead, literalHead) = (0, 0)
    }

    /// Reads the path of a request target: the bytes from its first `/` up to, not including, `?`.
    ///
    /// - Returns: nil, with `needs` set, or the reason for refusing it whatever the route:
    ///   `.pathMalformed` (no leading slash, a byte that RFC 3986 §3.3 has no place for, a bad percent
    ///   triplet, a triplet that hides another triplet of `.`, `/`, `\`, `;` or NUL), `.pathDotSegment`,
    ///   `.pathBackslash`, `.pathControl`, `.pathInvalidUTF8`, `.pathEncodedSlash` (inside parameters,
    ///   where no two parsers agree).
    public mutating func read(_ path: RawSpan) -> ReasonCode? { read(Span<UInt8>(_bytes: path)) }

    /// As `read(_: RawSpan)`.
    public mutating func read(_ octets: Span<UInt8>) -> ReasonCode? {
        needs = []
        (lenientCount, literalCount) = (0, 0)
        guard octets.count > 0, octets[0] == UInt8(ascii: "/") else { return .pathMalformed }
        if lenient.count < octets.count {
            lenient.append(contentsOf: repeatElement(0, count: octets.count - lenient.count))
        }
        switch readPlainly(octets) {
        case .read: lenientCount = octets.count
        case .refused(let reason): return reason
        case .needsDecoding:
            if let reason = readDecoding(octets) { return reason }
        }
        lenientHead = Self.head(of: lenient.span, count: lenientCount)
        literalHead = needs.isEmpty ? lenientHead : Self.head(of: literal.span, count: literalCount)
        return nil
    }

    /// The lenient reading as text, for logs and explanations.
    public var text: String { String(decoding: lenient[0..<lenientCount], as: UTF8.self) }

    /// The number of bytes of a reading.
    public func count(_ reading: Reading) -> Int {
        reading == .lenient || needs.isEmpty ? lenientCount : literalCount
    }

    /// The first sixteen bytes of a reading, ASCII lower-cased, the first byte highest, zeros behind a
    /// shorter path: one comparison tells most routes apart.
    public func head(_ reading: Reading) -> UInt128 { reading == .lenient ? lenientHead : literalHead }

    /// True where the reading is `stem` itself, `stem` with one slash behind it or, unless `isExact`,
    /// anything below it.
    ///
    /// - Parameter stem: the decoded path of a pattern without its trailing slash, lower-case unless
    ///   `isCaseSensitive`; the empty stem is the root.
    public func lies(
        at stem: Span<UInt8>, isExact: Bool, isCaseSensitive: Bool, reading: Reading = .lenient
    ) -> Bool {
        if reading == .lenient || needs.isEmpty {
            Self.lies(lenient.span, lenientCount, stem, isExact, isCaseSensitive)
        } else {
            Self.lies(literal.span, literalCount, stem, isExact, isCaseSensitive)
        }
    }

    private static func lies(
        _ path: Span<UInt8>, _ count: Int, _ stem: Span<UInt8>, _ isExact: Bool, _ isCaseSensitive: Bool
    ) -> Bool {
        guard stem.count <= count else { return false }
        if count > stem.count {
            guard path[stem.count] == UInt8(ascii: "/"), !isExact || count == stem.count + 1 else { return false }
        }
        for index in 0..<stem.count {
            let octet = isCaseSensitive ? path[index] : ASCII.lowercased(path[index])
            guard octet == stem[index] else { return false }
        }
        return true
    }

    /// The head of a pattern's stem or of a path; see `head(_: Reading)`.
    public static func head(of octets: Span<UInt8>, count: Int) -> UInt128 {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<min(count, 8) { high |= UInt64(ASCII.lowercased(octets[index])) << UInt64(56 - 8 * index) }
        for index in 8..<max(min(count, 16), 8) {
            low |= UInt64(ASCII.lowercased(octets[index])) << UInt64(120 - 8 * index)
        }
        return UInt128(high) << 64 | UInt128(low)
    }
}

extension CanonicalPath {
    private enum PlainReading {
        case read, needsDecoding
        case refused(ReasonCode)
    }

    /// The common case: no percent sign, no semicolon, no empty segment.  Copies and checks in one pass.
    private mutating func readPlainly(_ octets: Span<UInt8>) -> PlainReading {
        var out = lenient.mutableSpan
        var length = 0
        var dots = 0
        out[0] = octets[0]
        for index in 1..<max(octets.count, 1) {
            let octet = octets[index]
            if octet == UInt8(ascii: "/") {
                guard length != 0 else { return .needsDecoding }
                guard length != dots || length > 2 else { return .refused(.pathDotSegment) }
                (length, dots) = (0, 0)
            } else {
                guard Self.isPlain(octet) else { return .needsDecoding }
                length += 1
                if octet == UInt8(ascii: ".") { dots += 1 }
            }
            out[index] = octet
        }
        return length > 0 && length == dots && length <= 2 ? .refused(.pathDotSegment) : .read
    }

    /// Visible ASCII but the bytes that need a closer look.
    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "?"): false
        default: octet > 0x20 && octet < 0x7F
        }
    }

    /// The careful case: decodes every triplet once and keeps both readings.
    private mutating func readDecoding(_ octets: Span<UInt8>) -> ReasonCode? {
        if literal.count < octets.count {
            literal.append(contentsOf: repeatElement(0, count: octets.count - literal.count))
        }
        var decoder = PathDecoder()
        var segment = PathSegmentState()
        var forms: PathForms = []
        var (written, copied, index) = (0, 0, 0)
        while index < octets.count {
            let unit: PathDecoder.Unit
            switch decoder.next(octets, at: &index) {
            case .failure(let reason): return reason
            case .success(let decoded): unit = decoded
            }
            switch unit.octet {
            case UInt8(ascii: "/"):
                if unit.wasEncoded {
                    // `/a;b%2Fc`: whether the slash ends the parameter or belongs to it is anybody's guess.
                    guard !segment.isInParameters else { return .pathEncodedSlash }
                    forms.insert(.encodedSlash)
                }
                if written > 0 {
                    guard !segment.isDots else { return .pathDotSegment }
                    if segment.length == 0 { forms.insert(.emptySegments) }
                }
                segment = PathSegmentState()
                if written == 0 || lenient[written - 1] != UInt8(ascii: "/") {
                    lenient[written] = UInt8(ascii: "/")
                    written += 1
                }
                literal[copied] = unit.wasEncoded ? Self.opaqueSlash : UInt8(ascii: "/")
            case UInt8(ascii: ";"):
                forms.insert(.parameters)
                segment.isInParameters = true
                literal[copied] = unit.octet
            default:
                if segment.accept(unit.octet) {
                    lenient[written] = unit.octet
                    written += 1
                }
                literal[copied] = unit.octet
            }
            copied += 1
        }
        guard decoder.isComplete else { return .pathInvalidUTF8 }
        guard !segment.isDots else { return .pathDotSegment }
        needs = forms
        (lenientCount, literalCount) = (written, copied)
        return nil
    }
}

/// What is known of the segment that is being read.
private struct PathSegmentState {
    /// Bytes before the first semicolon, and how many of them are dots.
    var length = 0
    private var dots = 0
    var isInParameters = false

    var isDots: Bool { length > 0 && length == dots && length <= 2 }

    /// True where the byte belongs to the segment's name, false where it belongs to its parameters.
    mutating func accept(_ octet: UInt8) -> Bool {
        guard !isInParameters else { return false }
        length += 1
        if octet == UInt8(ascii: ".") { dots += 1 }
        return true
    }
}
