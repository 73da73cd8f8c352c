import Foundation

/// A request as the application received it.
struct ReceivedRequest: Sendable {
    var method: String
    var target: String
    var fields: [(name: String, value: String)]
    var body: [UInt8] = []
    /// Which of the upstream's connections it came on, from 0.
    var connection: Int

    subscript(name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

/// The application's end of a connection.
final class UpstreamPeer: MessageReader {
    /// Which of the upstream's connections this is, from 0.
    let number: Int
    /// How many requests were read on it.
    private(set) var requests = 0

    init(_ stream: TCPStream, number: Int) {
        self.number = number
        super.init(stream)
    }

    /// The head of the next request; nil where the gateway has closed.
    func readRequestHead() throws -> ReceivedRequest? {
        guard let (line, fields) = try readLines() else { return nil }
        requests += 1
        let words = line.split(separator: " ")
        guard words.count == 3, words[2] == "HTTP/1.1" else { throw StreamFailure.malformed(line) }
        return ReceivedRequest(
            method: String(words[0]), target: String(words[1]), fields: fields, connection: number)
    }

    /// The next request with its body.
    func readRequest() throws -> ReceivedRequest? {
        guard var request = try readRequestHead() else { return nil }
        if request["transfer-encoding"] == "chunked" {
            request.body = try readChunks()
        } else if let length = request["content-length"].flatMap({ Int($0) }) {
            request.body = try take(length)
        }
        return request
    }

    /// Answers with a counted body.
    func answer(_ body: String = "ok", status: String = "200 OK", fields: [String] = []) throws {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "X-From: upstream"] + fields
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}

/// An application on a loopback port that does what a test says, connection by connection.
final class RawUpstream: Sendable {
    typealias Conversation = @Sendable (UpstreamPeer) throws -> Void

    let port: UInt16
    private let listener: Int32
    private let isListening = Shared(true)
    /// How many connections were accepted.
    let connections = Shared(0)
    /// How many of them are open.
    let openConnections = Shared(0)

    /// - Parameter conversation: runs on a thread for each connection, which closes when it returns or throws.
    init(_ conversation: @escaping Conversation = RawUpstream.answering { _ in "ok" }) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw StreamFailure.broken(errno) }
        let bound = TCPStream.withAddress(last: 1, port: 0) { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 512) == 0 else { throw StreamFailure.broken(errno) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let (connections, openConnections) = (connections, openConnections)
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    break
                }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let stream = TCPStream(descriptor: descriptor, seconds: 60)
                let number = connections.change { count in
                    count += 1
                    return count - 1
                }
                openConnections.change { $0 += 1 }
                let handOver = HandOver(stream)
                Thread.detachNewThread {
                    let stream = handOver.stream
                    try? conversation(UpstreamPeer(stream, number: number))
                    stream.close()
                    openConnections.change { $0 -= 1 }
                }
            }
            close(listener)
        }
    }

    /// A stream on its way to the thread that will use it alone.
    private struct HandOver: @unchecked Sendable {
        let stream: TCPStream
        init(_ stream: TCPStream) { self.stream = stream }
    }

    deinit { stopListening() }

    /// Accepts no further connection; those that are open go on.
    func stopListening() {
        // Once: the thread that accepts closes the descriptor, whose number is somebody else's then.
        isListening.change { isListening in
            if isListening { shutdown(listener, Int32(SHUT_RDWR)) }
            isListening = false
        }
    }

    /// Keeps connections alive and answers every request with the text.
    static func answering(_ text: @escaping @Sendable (ReceivedRequest) throws -> String) -> Conversation {
        { peer in
            while let request = try peer.readRequest() {
                if request.method == "HEAD" {
                    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-From: upstream\r\n\r\n")
                } else {
                    try peer.answer(try text(request))
                }
            }
        }
    }
}
