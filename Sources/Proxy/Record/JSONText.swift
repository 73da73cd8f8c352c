import HTTPWire

/// JSON strings as bytes (RFC 8259 §7).
enum JSONText {
    /// `text` in quotes.
    static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [0x22]
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0..<0x20, 0x7F: bytes += Array("\\u00".utf8) + [hexadecimal(byte >> 4), hexadecimal(byte & 15)]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
        return bytes
    }

    /// Appends bytes from outside in quotes: what is not printable ASCII is escaped, so that a line of the
    /// log is always one line of valid JSON, whatever a client sent.
    static func append(_ bytes: RawSpan, to buffer: inout WireBuffer) {
        buffer.append(0x22)
        var start = 0
        for index in 0..<bytes.byteCount {
            let byte = bytes.octet(index)
            if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C { continue }
            buffer.append(bytes.extracting(start..<index))
            start = index + 1
            if byte == 0x22 || byte == 0x5C {
                buffer.append(0x5C)
                buffer.append(byte)
            } else {
                buffer.append("\\u00")
                buffer.append(hexadecimal(byte >> 4))
                buffer.append(hexadecimal(byte & 15))
            }
        }
        buffer.append(bytes.extracting(start..<bytes.byteCount))
        buffer.append(0x22)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}
