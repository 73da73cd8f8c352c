import CQRCode

/// A QR code (ISO/IEC 18004) as a drawing inside a page: no file to fetch, no script, no word to anybody else.
///
/// It carries the secret of an authenticator app, so that it is made here and never by a service.
enum QRCode {
    /// Longer texts get no code, in bytes: a denser one is hard to read from a screen.
    static let longestText = 512
    /// Light modules on each side (ISO/IEC 18004 §9.1).
    static let quietZone = 4
    /// In CSS pixels: it fits a screen of 320 pixels.
    private static let shownSize = 224

    /// The text as an SVG element: dark on white in every colour scheme, and named for those who do not see it.
    /// - Parameters:
    ///   - text: UTF-8, read byte by byte; error correction level M.
    ///   - label: what a screen reader says.
    /// - Returns: nil for an empty text, for one of more than `longestText` bytes, and where memory is short.
    static func svg(_ text: String, label: String = "QR code") -> String? {
        guard let rows = modules(text) else { return nil }
        let side = rows.count + 2 * quietZone
        var path = ""
        for (y, row) in rows.enumerated() {
            var x = 0
            while x < row.count {
                guard row[x] else {
                    x += 1
                    continue
                }
                let start = x
                while x < row.count, row[x] { x += 1 }
                path += "M\(start + quietZone) \(y + quietZone)h\(x - start)v1h-\(x - start)z"
            }
        }
        return "<svg class=\"qr\" role=\"img\" aria-label=\"\(ScalarEscapedHTML.escape(label))\" "
            + "width=\"\(shownSize)\" height=\"\(shownSize)\" viewBox=\"0 0 \(side) \(side)\" "
            + "shape-rendering=\"crispEdges\"><rect width=\"\(side)\" height=\"\(side)\" fill=\"#fff\"/>"
            + "<path d=\"\(path)\" fill=\"#000\"/></svg>"
    }

    /// The code's rows from top to bottom, true for a dark module, without the quiet zone; as many columns as rows.
    ///
    /// Memory safety: the library reads `size` bytes of a buffer that outlives the call, and returns a structure whose
    /// `data` has `width * width` bytes; they are copied before the structure is freed, once.
    static func modules(_ text: String) -> [[Bool]]? {
        let bytes = Array(text.utf8)
        guard (1...longestText).contains(bytes.count) else { return nil }
        // Version 0: the smallest that fits.
        let code = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe QRcode_encodeData(Int32(buffer.count), buffer.baseAddress, 0, QR_ECLEVEL_M)
        }
        guard let code = unsafe code else { return nil }
        defer { unsafe QRcode_free(code) }
        guard let data = unsafe code.pointee.data else { return nil }
        let width = unsafe Int(code.pointee.width)
        let octets = unsafe Array(UnsafeBufferPointer(start: data, count: width * width))
        // The lowest bit says dark; the others say what a module is for.
        return (0..<width).map { row in (0..<width).map { octets[row * width + $0] & 1 == 1 } }
    }
}
