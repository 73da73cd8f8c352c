import Core
import HTTPWire
import Portal

/// One request and its answer over the control socket, as HTTP/1.1; each has a connection of its own.
struct ControlExchange {
    /// Bytes of an answer's head.
    static let longestHead = 64 * 1024
    /// Bytes of an answer's body: a page of a hundred rows has a few hundred thousand at most.
    static let longestBody = 16 * 1024 * 1024

    /// Where the server listens.
    let path: String
    /// Whether the user with this id may be spoken to: the one who runs the command, or root.
    var trusts: @Sendable (UInt32) -> Bool = { $0 == 0 || $0 == ControlSocket.ownUser }

    /// What went wrong with an answer.
    struct AnswerFault: Error, Hashable, Sendable {
        let words: String
    }

    /// Connects and goes away again; throws where nobody fit to be spoken to listens.
    func probe() throws(ControlSocket.Failure) {
        _ = try ControlSocket(path: path, timeoutMilliseconds: 5000, trusts: trusts)
    }

    /// Asks and reads the answer.
    /// - Throws: `ControlSocket.Failure`, `AnswerFault`.
    func send(_ request: OperatorRequest) throws -> OperatorAnswer {
        let socket = try ControlSocket(
            path: path, timeoutMilliseconds: request.timeoutMilliseconds, trusts: trusts)
        var head = Self.head(of: request)
        head.append(contentsOf: request.body)
        defer { Wiping.wipe(&head) }
        try socket.send(head)
        return try Self.answer(to: request.method) { () throws(ControlSocket.Failure) in try socket.receive() }
    }

    private static func head(of request: OperatorRequest) -> [UInt8] {
        var lines = [
            "\(request.method.token) \(OperatorAPI.prefix)\(request.target) HTTP/1.1", "Host: localhost",
            "Accept: application/json", "User-Agent: gatehouse/\(GatehouseVersion.text)", "Connection: close",
        ]
        if !request.body.isEmpty { lines.append("Content-Type: application/json") }
        if !request.body.isEmpty || !request.method.isSafe { lines.append("Content-Length: \(request.body.count)") }
        var bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        bytes.reserveCapacity(bytes.count + request.body.count)
        return bytes
    }

    /// Reads one answer, bounded, to its end; one that ends early or says in no way where it ends is not believed.
    static func answer(
        to method: Method, receive: () throws(ControlSocket.Failure) -> [UInt8]
    ) throws -> OperatorAnswer {
        var buffer = WireBuffer()
        var head = ResponseHead()
        let parser = ResponseHeadParser(limits: HeadLimits(bytes: longestHead, fields: 100))
        reading: while true {
            switch buffer.withBytes({ parser.parse($0, answering: method, into: &head) }) {
            case .complete: break reading
            case .invalid: throw AnswerFault(words: "what came back is no HTTP answer")
            case .incomplete: try append(receive(), to: &buffer)
            }
        }
        guard head.status >= 200 else { throw AnswerFault(words: "an interim answer came back") }
        guard head.framing != .untilClose else { throw AnswerFault(words: "the answer does not say where it ends") }
        buffer.consume(head.length)
        var reader = BodyReader(head.framing)
        var body: [UInt8] = []
        while !reader.isComplete {
            var position = 0
            var fault: AnswerFault?
            buffer.withBytes { bytes in
                while fault == nil {
                    switch reader.next(bytes, &position) {
                    case .content(let range):
                        guard body.count + range.count <= longestBody else {
                            fault = AnswerFault(words: "the answer is longer than \(longestBody) bytes")
                            return
                        }
                        for index in range { body.append(Span<UInt8>(_bytes: bytes)[index]) }
                    case .needsMore, .end: return
                    case .malformed: fault = AnswerFault(words: "the answer's chunks are malformed")
                    }
                }
            }
            if let fault { throw fault }
            buffer.consume(position)
            if !reader.isComplete { try append(receive(), to: &buffer) }
        }
        return OperatorAnswer(status: Int(head.status), body: body)
    }

    private static func append(_ bytes: [UInt8], to buffer: inout WireBuffer) throws {
        guard !bytes.isEmpty else { throw AnswerFault(words: "the answer ended early") }
        buffer.append(bytes)
    }
}
