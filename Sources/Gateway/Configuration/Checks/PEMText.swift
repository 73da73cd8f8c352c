import FoundationEssentials

/// What a PEM file holds (RFC 7468), by its labels, with the base64 of each block judged.
struct PEMText {
    struct Block {
        let label: String
        /// True where the text between the lines is base64 of a DER sequence.
        let isReadable: Bool
    }

    let blocks: [Block]

    init(_ bytes: [UInt8]) {
        var blocks: [Block] = []
        var label: String?
        var body = ""
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let line = String(line).trimmingASCIISpaces
            if let begun = Self.label(of: line, after: "-----BEGIN ") {
                label = begun
                body = ""
            } else if let open = label, Self.label(of: line, after: "-----END ") == open {
                // A PEM header (RFC 1421), as old encrypted keys have, is no base64.
                let isDER = Data(base64Encoded: body)?.first == 0x30
                blocks.append(Block(label: open, isReadable: isDER || body.contains("ENCRYPTED")))
                if body.contains("ENCRYPTED") { blocks.append(Block(label: "ENCRYPTED PRIVATE KEY", isReadable: true)) }
                label = nil
            } else if label != nil {
                body += line
            }
        }
        if let label { blocks.append(Block(label: label, isReadable: false)) }
        self.blocks = blocks
    }

    var hasCertificate: Bool { blocks.contains { $0.label == "CERTIFICATE" && $0.isReadable } }
    var hasKey: Bool { blocks.contains { $0.label.hasSuffix("PRIVATE KEY") && $0.isReadable } }
    var hasEncryptedKey: Bool { blocks.contains { $0.label == "ENCRYPTED PRIVATE KEY" } }
    var hasDamagedBlock: Bool { blocks.contains { !$0.isReadable } }

    private static func label(of line: String, after prefix: String) -> String? {
        guard line.hasPrefix(prefix), line.hasSuffix("-----"), line.count >= prefix.count + 5 else { return nil }
        return String(line.dropFirst(prefix.count).dropLast(5))
    }
}
