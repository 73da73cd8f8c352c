public import Core

/// A mail, ready to be sent: plain text and the same as HTML.
///
/// Whatever is put in, the header has these fields and no others, and the body ends nothing early.
public struct MailMessage: Sendable, Hashable {
    public var from: MailAddress
    public var to: MailAddress
    public var subject: String
    /// Lines ended by LF.
    public var text: String
    public var html: String
    /// `en` or `de`.
    public var language: String
    /// The same at each try, so that a mail that came twice is known to be one; `[A-Za-z0-9-]+`.
    public var id: String
    public var date: WallTime

    public init(
        from: MailAddress, to: MailAddress, subject: String, text: String, html: String, language: String, id: String,
        date: WallTime
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.language = language
        self.id = id
        self.date = date
    }

    /// The message as it goes over the wire (RFC 5322, RFC 2046 §5.1.4): ASCII, lines ended by CR LF.
    public var octets: [UInt8] {
        let word = Self.plain(id)
        let boundary = "=_\(word)"
        let head = [
            "Date: \(MailDate.text(date))",
            "From: \(from.field)",
            "To: \(to.field)",
            "Subject: \(EncodedWord.text(subject))",
            "Message-ID: <\(word)@\(Self.plain(from.domain))>",
            "MIME-Version: 1.0",
            // RFC 3834 §5: no holiday note answers it.
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "Content-Language: \(Self.plain(language))",
            "Content-Type: multipart/alternative; boundary=\"\(boundary)\"",
        ]
        var octets = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        for (type, body) in [("text/plain", text), ("text/html", html)] {
            octets += Array(
                """
                --\(boundary)\r
                Content-Type: \(type); charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r

                """.utf8)
            octets += QuotedPrintable.encode(body)
        }
        return octets + Array("--\(boundary)--\r\n".utf8)
    }

    /// What may stand in a header without ending it.
    private static func plain(_ text: String) -> String {
        String(
            decoding: text.utf8.filter { octet in
                switch ASCII.lowercased(octet) {
                case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: false
                }
            }, as: UTF8.self)
    }
}

/// Dates as mail writes them: `Mon, 30 Nov 2026 05:53:47 +0000` (RFC 5322 §3.3).
enum MailDate {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ time: WallTime) -> String {
        let civil = CivilTime(time)
        let clock = [civil.hour, civil.minute, civil.second].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(weekdays[civil.weekday]), \(civil.day) \(months[civil.month - 1]) \(civil.year) "
            + "\(clock.joined(separator: ":")) +0000"
    }
}
