import Testing

@testable import Outbound

@Suite("Addresses of mails")
struct MailAddressTests {
    @Test(
        "a name and an address are told apart",
        arguments: [
            ("a@example.org", "", "a@example.org"), ("Acme <a@example.org>", "Acme", "a@example.org"),
            ("\"Acme, Inc.\" <a@example.org>", "Acme, Inc.", "a@example.org"),
            ("Übung GmbH <a+b@xn--bung-zra.example>", "Übung GmbH", "a+b@xn--bung-zra.example"),
            ("<a@example.org>", "", "a@example.org"),
        ])
    func parsing(text: String, name: String, address: String) {
        #expect(MailAddress(parsing: text) == MailAddress(address, name: name))
        #expect(MailAddress(parsing: text)?.name == name)
        #expect(MailAddress(parsing: text)?.address == address)
    }

    @Test(
        "what could end an envelope, a header or an address is none",
        arguments: [
            "", "a", "@example.org", "a@", "a b@example.org", "a@example.org\r\nRCPT TO:<b@example.org>",
            "a@example.org>", "<a@example.org", "a@@example.org", "a@b@example.org", "a,b@example.org",
            "a\u{0}@example.org", "a\u{85}@example.org", "a\u{202E}@example.org", "\"a b\"@example.org",
            "Acme\r\nBcc: b@example.org <a@example.org>", "Acme\u{2028}x <a@example.org>",
            String(repeating: "a", count: 250) + "@b.example",
        ])
    func refused(text: String) {
        #expect(MailAddress(parsing: text) == nil)
    }

    @Test("logs see the first character and the domain")
    func masked() {
        #expect(MailAddress("erika.muster@acme.example")?.masked == "e…@acme.example")
        #expect(MailAddress.masked("no address") == "…")
        #expect(MailAddress.masked("@acme.example") == "…")
    }

    @Test("a name is quoted or encoded, never as it came")
    func field() {
        #expect(MailAddress("a@b.example")?.field == "a@b.example")
        #expect(MailAddress("a@b.example", name: "A \"B\" \\ <c@d>")?.field == #""A \"B\" \\ <c@d>" <a@b.example>"#)
        #expect(MailAddress("a@b.example", name: "Grüße")?.field == "=?utf-8?B?R3LDvMOfZQ==?= <a@b.example>")
        #expect(
            MailAddress("a@b.example", name: "=?utf-8?Q?x?=")?.field == "=?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <a@b.example>"
        )
    }
}
