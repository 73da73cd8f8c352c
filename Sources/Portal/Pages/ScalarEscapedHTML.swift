import Mustache

/// How the template engine escapes a value in our pages: byte by byte.
///
/// The engine's own HTML escaping compares Swift `Character`s, and a character is a whole grapheme
/// cluster.  `<` behind a prepended mark (U+0600) or before a combining one (U+0301) is another
/// `Character` than `<`, is left as it is, and `U+0600 <script>` in a header value would be a script.
/// HTML is read scalar by scalar, so it is escaped scalar by scalar.
struct ScalarEscapedHTML: MustacheContentType {
    /// The name under which templates ask for it.
    static let name = "GATEHOUSE_HTML"

    /// `text` as HTML text and as the content of a quoted attribute (HTML §13.3).
    func escapeText(_ text: String) -> String { Self.escape(text) }

    static func escape(_ text: String) -> String {
        if !text.utf8.contains(where: isSpecial) { return text }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): escaped.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): escaped.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): escaped.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): escaped.append(contentsOf: "&#39;".utf8)
            case 0: escaped.append(contentsOf: "\u{FFFD}".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// The bytes that are written in another way.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"), 0: true
        default: false
        }
    }
}
