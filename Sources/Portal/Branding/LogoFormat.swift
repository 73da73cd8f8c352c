/// The kinds of picture that a logo may be: those that can carry no script, told by their first bytes and not by a
/// name (SVG can carry script, and is none of them).
public enum LogoFormat: String, Sendable, CaseIterable, Hashable {
    case png, jpeg, webp

    /// Bytes of a logo, at most: it comes with every first page.
    public static let mostBytes = 256 * 1024

    /// What the bytes are; nil where they are none of these.
    public init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) {
            self = .webp
        } else {
            return nil
        }
    }

    /// The media type.
    var contentType: String { "image/\(rawValue)" }
}
