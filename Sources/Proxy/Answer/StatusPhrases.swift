import Core

/// Reason phrases (RFC 9110 §15) as bytes, made once.
enum StatusPhrases {
    private static let table: [[UInt8]] = (0..<600).map { status in
        let phrase = StatusPhrase.text(of: UInt16(status))
        return Array((phrase.isEmpty ? "Status" : phrase).utf8)
    }

    static func bytes(of status: UInt16) -> [UInt8] { table[min(Int(status), 599)] }
}
