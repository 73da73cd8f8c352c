/// The path of a portal route: segments that must be equal, and `{name}` segments that match one segment
/// each and give it that name.
///
/// Matching is by whole segments and by exact bytes.  The path has been judged by the data plane already,
/// so that no dot segment, doubled slash or encoded slash can make one path look like another.
public struct PathPattern: Sendable, Hashable {
    private enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    private let segments: [Segment]

    /// - Parameter pattern: begins with a slash, such as `/.gatehouse/assets/{name}`.
    public init(_ pattern: String) {
        segments = Self.split(pattern).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}"), segment.count > 2 else {
                return .literal(String(segment))
            }
            return .parameter(String(segment.dropFirst().dropLast()))
        }
    }

    /// The values of the parameters where `path` matches; nil where it does not.  A parameter is never
    /// empty, and is not percent-decoded.
    ///
    /// - Parameter path: without query.
    public func match(_ path: some StringProtocol) -> [String: String]? {
        let parts = Self.split(path)
        guard parts.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .literal(let text):
                // By scalars: two spellings of one accented letter are two paths.
                guard text.utf8.elementsEqual(part.utf8) else { return nil }
            case .parameter(let name):
                guard !part.isEmpty else { return nil }
                values[name] = part
            }
        }
        return values
    }

    private static func split(_ path: some StringProtocol) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { part in
            String(decoding: part, as: UTF8.self)
        }
    }
}
