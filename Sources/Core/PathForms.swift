/// Forms of a path that two parsers read differently.  A path that uses one is refused unless its route
/// allows it; the set names both what a path uses and what a route allows.
public struct PathForms: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `path_parameters`: `;` in a segment, plain or encoded.
    public static let parameters = Self(rawValue: 1)
    /// `encoded_slash`: `%2F` in a segment.
    public static let encodedSlash = Self(rawValue: 2)
    /// `empty_segments`: `//`.
    public static let emptySegments = Self(rawValue: 4)

    /// The reason for refusing a path that uses these forms where none is allowed: the gravest of them.
    /// Nil for the empty set.
    public var refusal: ReasonCode? {
        if contains(.encodedSlash) { return .pathEncodedSlash }
        if contains(.parameters) { return .pathParameter }
        return isEmpty ? nil : .pathEmptySegment
    }
}
