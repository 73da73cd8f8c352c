import Core
import Testing

@testable import Gateway

@Suite("An answer over the control socket is believed only where it is whole")
struct ControlExchangeTests {
    private static let good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    /// Reads the answer in pieces of so many bytes.
    private func read(_ text: String, pieces: Int = .max) throws -> OperatorAnswer {
        var rest = Array(text.utf8)
        return try ControlExchange.answer(to: .get) { () throws(ControlSocket.Failure) in
            let piece = Array(rest.prefix(min(pieces, rest.count)))
            rest.removeFirst(piece.count)
            return piece
        }
    }

    @Test(
        "an answer with a length, with chunks, or without a body is read, whole or byte by byte",
        arguments: [
            (good, 200, "{}"),
            ("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 404, "{}"),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ], [1, Int.max])
    func accepted(answer: (text: String, status: Int, body: String), pieces: Int) throws {
        let read = try read(answer.text, pieces: pieces)
        #expect(read == OperatorAnswer(status: answer.status, body: Array(answer.body.utf8)))
    }

    @Test("an answer that ends early is refused, wherever it ends")
    func truncated() throws {
        for count in 0..<Self.good.utf8.count {
            #expect(throws: ControlExchange.AnswerFault(words: "the answer ended early"), "\(count)") {
                try read(String(decoding: Array(Self.good.utf8.prefix(count)), as: UTF8.self))
            }
        }
        #expect(try read(Self.good).status == 200)
    }

    @Test(
        "an answer that is ambiguous, or says in no way where it ends, is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ])
    func refused(text: String) {
        #expect(throws: ControlExchange.AnswerFault.self) { try read(text) }
    }

    @Test("an answer without end is refused at its bound")
    func huge() throws {
        func body(_ count: Int) throws -> Int {
            var sent = 0
            return try ControlExchange.answer(to: .get) { () throws(ControlSocket.Failure) in
                guard sent > 0 else {
                    sent = 1
                    return Array("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n".utf8)
                }
                sent += 1 << 20
                return [UInt8](repeating: 0x20, count: 1 << 20)
            }.body.count
        }
        #expect(try body(ControlExchange.longestBody) == ControlExchange.longestBody)
        #expect(throws: ControlExchange.AnswerFault.self) { try body(ControlExchange.longestBody + 1) }
        let endless = "HTTP/1.1 200 OK\r\nX-More: " + String(repeating: "y", count: ControlExchange.longestHead)
        #expect(throws: ControlExchange.AnswerFault(words: "what came back is no HTTP answer")) { try read(endless) }
    }

    @Test("what is asked is written into path, query and JSON so that nothing in it can mean more")
    func encoding() {
        let request = OperatorRequest(
            method: .get, path: "/tenants/acme/users", query: [("email", "a+b&c=d e/é@x.example"), ("limit", "1")])
        #expect(request.target == "/tenants/acme/users?email=a%2Bb%26c%3Dd%20e%2F%C3%A9%40x.example&limit=1")
        var body = RequestBody()
        body.add("name", "a\"b\\c\n\u{7F}é")
        body.add("roles", ["x", "y"])
        body.add("password", SecretBytes(copying: Array("p\"w".utf8)))
        let text = String(decoding: body.end(), as: UTF8.self)
        #expect(text == #"{"name":"a\"b\\c\u000a\u007fé","roles":["x","y"],"password":"p\"w"}"#)
    }
}
