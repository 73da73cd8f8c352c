/// What a mail server has said so far, and what that means for the mail.
struct SMTPConversation: Sendable {
    /// The last answer's code; 0 where there is none.
    let code: Int
    /// Its text, without addresses.
    let words: String
    /// Whether the server has asked for the mail itself (354).
    let isPastData: Bool

    /// Reads the server's lines (RFC 5321 §4.2).
    /// - Parameter code: the last answer's that counted; what the server says to the farewell does not.
    init(_ octets: [UInt8], code: Int) {
        let lines = octets.split(separator: 0x0A).map { line in
            String(decoding: line.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
        }
        isPastData = lines.contains { $0.hasPrefix("354") }
        self.code = (200...599).contains(code) ? code : 0
        let last = lines.last { $0.hasPrefix("\(code)") } ?? ""
        words = Self.withoutAddresses(String(last.dropFirst(4).prefix(200)))
    }

    /// The failure of a mail whose transfer ended so.
    /// - Parameters:
    ///   - isAboutRecipient: the recipient or the mail's body was what the last answer was about.
    ///   - reason: what the library says.
    func failure(isAboutRecipient: Bool, reason: String) -> DeliveryFailure {
        switch code {
        // Who has not said who they are may say it another time: the operator's matter, not the recipient's.
        case 530, 534, 535, 538: .unavailable("the server answered \(code): \(words)")
        case 400...499 where isAboutRecipient || isPastData: .deferred(code: code, words)
        case 500...599 where isAboutRecipient || isPastData: .refused(code: code, words)
        case 400...: .unavailable("\(reason); the server answered \(code): \(words)")
        default: .unavailable(reason)
        }
    }

    /// Servers repeat the address in their answers, and logs must not (security rule 31).
    private static func withoutAddresses(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.contains("@") ? "…" : word
        }.joined(separator: " ")
    }
}
