import Core
import Testing

@testable import Outbound

@Suite("Mails on the wire")
struct MailMessageTests {
    private func message(
        subject: String = "Hello", text: String = "Text\n", html: String = "<p>HTML</p>\n", id: String = "018f-ab"
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress("no-reply@example.org", name: "Example")),
            to: try #require(MailAddress("erika@acme.example")), subject: subject, text: text, html: html,
            language: "de", id: id, date: WallTime(milliseconds: 1_796_018_027_000))
    }

    private func lines(_ message: MailMessage) -> [String] {
        String(decoding: message.octets, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test("a mail has its header, the text and the same as HTML")
    func whole() throws {
        #expect(
            lines(try message()) == [
                "Date: Mon, 30 Nov 2026 05:53:47 +0000", "From: \"Example\" <no-reply@example.org>",
                "To: erika@acme.example", "Subject: Hello", "Message-ID: <018f-ab@example.org>", "MIME-Version: 1.0",
                "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Content-Language: de",
                "Content-Type: multipart/alternative; boundary=\"=_018f-ab\"", "", "--=_018f-ab",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "Text",
                "",
                "--=_018f-ab", "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", "<p>HTML</p>", "", "--=_018f-ab--", "",
            ])
    }

    @Test("nothing that is put in makes a header of its own")
    func injection() throws {
        let hostile = "x\r\nBcc: thief@example.org\r\n\r\nbody"
        let head = lines(try message(subject: hostile, text: hostile, html: hostile, id: hostile)).prefix {
            !$0.isEmpty
        }
        #expect(head.count == 10)
        #expect(!head.contains { $0.lowercased().hasPrefix("bcc") })
        #expect(head.contains("Subject: x  Bcc: thief@example.org    body"))
        #expect(head.contains("Message-ID: <xBccthiefexample.orgbody@example.org>"))
    }

    @Test("a long or foreign subject is made of encoded words of at most 75 bytes, no character torn in two")
    func subject() throws {
        let subject = String(repeating: "Grüße an Müller und 日本 ", count: 8)
        let text = EncodedWord.text(subject)
        let words = text.split(separator: "\r\n ").map(String.init)
        #expect(words.count > 1)
        var octets: [UInt8] = []
        for word in words {
            #expect(word.utf8.count <= 75)
            #expect(word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?="))
            let piece = try #require(Base64.decode(word.dropFirst(10).dropLast(2).utf8, alphabet: .standard))
            #expect(String(validating: piece, as: UTF8.self) != nil)
            octets += piece
        }
        #expect(String(decoding: octets, as: UTF8.self) == subject)
        #expect(EncodedWord.text("Hello, world") == "Hello, world")
        #expect(EncodedWord.text("=?utf-8?Q?x?=") == "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?=")
    }

    @Test("a body's lines are ASCII, at most 76 bytes, without a dot before anything")
    func quotedPrintable() {
        let cases: [(String, String)] = [
            ("a", "a\r\n"), ("ä=b", "=C3=A4=3Db\r\n"), (".\n..", "=2E\r\n=2E.\r\n"), ("a \nb\t", "a=20\r\nb=09\r\n"),
            ("a\r\nb", "a\r\nb\r\n"), ("", "\r\n"), ("a b", "a b\r\n"),
        ]
        for (text, expected) in cases {
            #expect(String(decoding: QuotedPrintable.encode(text), as: UTF8.self) == expected)
        }
        let long = String(repeating: ".", count: 300) + String(repeating: "é", count: 100)
        let lines = String(decoding: QuotedPrintable.encode(long), as: UTF8.self).split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.first != "." && $0.utf8.allSatisfy { $0 < 0x80 } })
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("=") })
    }
}
