import Testing

@testable import Outbound

@Suite("A head is read as a peer sent it, and nothing of it is believed")
struct AnswerHeadTests {
    @Test("status and fields are read, with blanks around a value gone")
    func good() throws {
        let head = try #require(AnswerHead(Array("HTTP/1.1 421 Misdirected\r\nA: b\r\nc:\t d e \r\n\r\nF: g\r\n".utf8)))
        #expect(head.status == 421)
        #expect(head.fields == [ProbeField("A", "b"), ProbeField("c", "d e")])
    }

    @Test("a head that breaks off is read as far as it goes")
    func cut() throws {
        let head = try #require(AnswerHead(Array("HTTP/1.1 400\r\nA: b".utf8)))
        #expect(head.status == 400)
        #expect(head.fields == [ProbeField("A", "b")])
    }

    @Test("bytes beyond ASCII are kept, and lines without a colon are left out")
    func odd() throws {
        let head = try #require(AnswerHead(Array("HTTP/1.1 200 OK\nnone\nA: ".utf8) + [0xFC, 0x0A, 0x0A]))
        #expect(head.fields == [ProbeField("A", "\u{FC}")])
    }

    @Test(
        "what does not begin with a status line is no answer",
        arguments: ["", "\r\n", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 abc\r\n"])
    func none(text: String) {
        #expect(AnswerHead(Array(text.utf8)) == nil)
    }
}
