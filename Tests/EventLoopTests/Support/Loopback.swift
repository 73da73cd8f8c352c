import EventLoop

extension SocketAddress {
    /// 127.0.0.1 at this port.
    static func loopback(_ port: UInt16) -> SocketAddress {
        SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: port)
    }
}

/// Both ends of a TCP connection over loopback.
final class Connection {
    let client: Socket
    let server: Socket
    let peer: SocketAddress

    init() throws {
        let listener = try Socket.listening(on: .loopback(0), isDualStack: false)
        client = try Socket.connecting(to: .loopback(listener.localPort))
        let poller = try Poller()
        try poller.add(listener: listener, token: PollToken(kind: 1, handle: Handle(index: 0, generation: 0)))
        guard poller.wait(milliseconds: 10_000) == 1, case .connection(let socket, let from) = listener.accept() else {
            throw SystemError(number: 0, attempt: "accept")
        }
        server = socket
        peer = from
    }
}

extension Socket {
    /// What can be received now, and how that ended.
    func receiveAll() -> (bytes: [UInt8], last: Transfer) {
        var found: [UInt8] = []
        while true {
            var room = [UInt8](repeating: 0, count: 1000)
            var span = room.mutableSpan
            var raw = span.mutableBytes
            let transfer = receive(into: &raw)
            guard case .bytes(let count) = transfer else { return (found, transfer) }
            found += room[..<count]
        }
    }

    func send(_ text: String) -> Transfer {
        let bytes = Array(text.utf8)
        return send(bytes.span.bytes)
    }
}
