/// The value of `Sec-Fetch-Site`: how the page that caused a request relates to us (Fetch Metadata §2.4).
public enum FetchSite: UInt8, Sendable, Hashable {
    case absent, sameOrigin, sameSite, crossSite, none
    /// A value that the standard does not know, or several fields; trusted less than any.
    case unknown

    /// Reads a field value.
    public init(_ value: RawSpan) {
        switch ShortToken(value) {
        case ShortToken.sameOrigin: self = .sameOrigin
        case ShortToken.sameSite: self = .sameSite
        case ShortToken.crossSite: self = .crossSite
        case ShortToken.none: self = .none
        default: self = .unknown
        }
    }
}

/// The value of `Sec-Fetch-Mode` (Fetch Metadata §2.2), as far as decisions ask.
public enum FetchMode: UInt8, Sendable, Hashable {
    case absent, navigate
    /// Scripts, images, WebSockets and everything that is no page load.
    case other

    /// Reads a field value.
    public init(_ value: RawSpan) { self = ShortToken(value) == ShortToken.navigate ? .navigate : .other }
}

/// The value of `Sec-Fetch-Dest` (Fetch Metadata §2.1), as far as decisions ask.
public enum FetchDestination: UInt8, Sendable, Hashable {
    case absent, document
    /// `iframe`, `frame`, `fencedframe`, `object` and `embed`: a page inside another page.
    case frame
    case other

    /// Reads a field value.
    public init(_ value: RawSpan) {
        switch ShortToken(value) {
        case ShortToken.document: self = .document
        case ShortToken.iframe, ShortToken.frame, ShortToken.fencedFrame, ShortToken.object, ShortToken.embed:
            self = .frame
        default: self = .other
        }
    }
}

/// How the Origin field (RFC 6454 §7) relates to the origin that was asked.
public enum OriginRelation: UInt8, Sendable, Hashable {
    case absent
    /// Scheme, host and port are those of the request.
    case same
    /// Another origin, `null`, or a value that cannot be read.
    case other
}

/// A token of at most 16 bytes as one number, so that a field value is compared in one step.
struct ShortToken: Equatable {
    private let bits: UInt128

    /// Longer values become a number that no token has.
    init(_ value: RawSpan) { self.init(octets: Span<UInt8>(_bytes: value)) }

    private init(octets: Span<UInt8>) {
        var bits: UInt128 = 0
        if octets.count <= 16 {
            for index in octets.indices { bits = bits << 8 | UInt128(octets[index]) }
        }
        self.bits = bits
    }

    private init(_ text: String) { self.init(octets: Array(text.utf8).span) }

    static let sameOrigin = Self("same-origin")
    static let sameSite = Self("same-site")
    static let crossSite = Self("cross-site")
    static let none = Self("none")
    static let navigate = Self("navigate")
    static let document = Self("document")
    static let iframe = Self("iframe")
    static let frame = Self("frame")
    static let fencedFrame = Self("fencedframe")
    static let object = Self("object")
    static let embed = Self("embed")
}
