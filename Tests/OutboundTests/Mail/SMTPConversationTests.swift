import Testing

@testable import Outbound

@Suite("What a mail server's last word means for the mail")
struct SMTPConversationTests {
    private func failure(_ text: String, code: Int, isAboutRecipient: Bool = false) -> DeliveryFailure {
        SMTPConversation(Array(text.utf8), code: code).failure(isAboutRecipient: isAboutRecipient, reason: "broken")
    }

    @Test("a recipient that is refused for good is given up, one that is refused for now is not")
    func recipient() {
        #expect(
            failure(
                "220 hi\r\n250 ok\r\n550 5.1.1 no <erika@acme.example> here\r\n221 bye\r\n", code: 550,
                isAboutRecipient: true)
                == .refused(code: 550, "5.1.1 no … here"))
        #expect(
            failure("250 ok\r\n451 4.7.1 later\r\n", code: 451, isAboutRecipient: true)
                == .deferred(code: 451, "4.7.1 later"))
    }

    @Test("what is said after the mail itself is about the mail")
    func afterData() {
        #expect(failure("354 go\r\n554 spam\r\n", code: 554) == .refused(code: 554, "spam"))
        #expect(failure("354 go\r\n452 full\r\n", code: 452) == .deferred(code: 452, "full"))
    }

    @Test("what is said before it, or of who we are, is about the server")
    func server() {
        #expect(failure("554 no service\r\n", code: 554) == .unavailable("broken; the server answered 554: no service"))
        #expect(failure("421 busy\r\n", code: 421) == .unavailable("broken; the server answered 421: busy"))
        #expect(failure("", code: 0) == .unavailable("broken"))
        #expect(failure("220 hi\r\n250 ok\r\n", code: 250) == .unavailable("broken"))
        for code in [530, 534, 535, 538] {
            #expect(
                failure("\(code) who?\r\n", code: code, isAboutRecipient: true)
                    == .unavailable("the server answered \(code): who?"))
        }
    }

    @Test("a server's words steer no terminal and hold no address")
    func words() {
        let spoken = "550 \u{1B}[31m<a@b.example>: \u{7F}no\r\n"
        #expect(failure(spoken, code: 550, isAboutRecipient: true) == .refused(code: 550, "… no"))
    }
}
