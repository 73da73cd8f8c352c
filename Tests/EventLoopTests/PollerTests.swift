import EventLoop
import Testing

@Suite("Poller and sockets over loopback")
struct PollerTests {
    private let token = PollToken(kind: 9, handle: Handle(index: 77, generation: 0xFF_FFFF))

    /// The next event, other than of the poller's own.
    private func next(_ poller: borrowing Poller) throws -> PollEvent {
        try #require(poller.wait(milliseconds: 10_000) >= 1)
        return poller.event(at: 0)
    }

    @Test("a listener accepts a connection and knows its peer")
    func accept() throws {
        let connection = try Connection()
        #expect(connection.peer.isIPv4)
        #expect(connection.peer.low == 0xFFFF_7F00_0001)
        #expect(connection.peer.port == connection.client.localPort)
        #expect(connection.client.connectionError == 0)
        #expect(connection.server.send("hello") == .bytes(5))
        let poller = try Poller()
        try poller.add(stream: connection.client, token: token)
        let event = try next(poller)
        #expect(event.token == token)
        #expect(event.isReadable && event.isWritable && !event.isPeerClosed && !event.isBroken)
        #expect(connection.client.receiveAll().bytes == Array("hello".utf8))
    }

    @Test("nobody waits at a fresh listener, and a taken port is told")
    func nobody() throws {
        let listener = try Socket.listening(on: .loopback(0), isDualStack: false)
        guard case .nobody = listener.accept() else {
            Issue.record("somebody was accepted")
            return
        }
        #expect(throws: SystemError.self) {
            do throws(SystemError) {
                _ = try Socket.listening(on: .loopback(listener.localPort), isDualStack: false)
            } catch {
                #expect(error.isAddressInUse && !error.words.isEmpty)
                throw error
            }
        }
    }

    @Test("an edge comes once for what has arrived, and again for what arrives later")
    func edges() throws {
        let connection = try Connection()
        let poller = try Poller()
        try poller.add(stream: connection.server, token: token)
        #expect(try next(poller).isWritable)
        #expect(poller.wait(milliseconds: 0) == 0)
        _ = connection.client.send("a")
        #expect(try next(poller).isReadable)
        // Not read, and yet no second edge.
        #expect(poller.wait(milliseconds: 0) == 0)
        _ = connection.client.send("b")
        #expect(try next(poller).isReadable)
        #expect(connection.server.receiveAll().bytes == Array("ab".utf8))
        #expect(connection.server.receiveAll().last == .wouldBlock)
    }

    @Test("a peer that ends its side is told apart from a broken connection")
    func halfClose() throws {
        let connection = try Connection()
        let poller = try Poller()
        try poller.add(stream: connection.server, token: token)
        _ = try next(poller)
        _ = connection.client.send("end")
        connection.client.shutdownWriting()
        var event = try next(poller)
        while !event.isPeerClosed { event = try next(poller) }
        #expect(event.isReadable && !event.isBroken)
        let (bytes, last) = connection.server.receiveAll()
        #expect(bytes == Array("end".utf8))
        #expect(last == .ended)
        #expect(connection.server.send("still heard") == .bytes(11))
        connection.server.shutdownWriting()
        #expect(try next(poller).isBroken)
    }

    @Test("a sender is stopped when the other end does not read, and goes on when it does")
    func backPressure() throws {
        let connection = try Connection()
        let poller = try Poller()
        try poller.add(stream: connection.client, token: token)
        _ = try next(poller)
        let block = [UInt8](repeating: 1, count: 1 << 16)
        var sent = 0
        while case .bytes(let count) = connection.client.send(block.span.bytes) { sent += count }
        #expect(sent > 0)
        var received = 0
        while received < sent { received += connection.server.receiveAll().bytes.count }
        #expect(try next(poller).isWritable)
        #expect(connection.client.send("more") == .bytes(4))
    }

    @Test("a connection that is refused ends broken, with the reason")
    func refused() throws {
        let port: UInt16
        do { port = try Socket.listening(on: .loopback(0), isDualStack: false).localPort }
        let poller = try Poller()
        guard let socket = try? Socket.connecting(to: .loopback(port)) else { return }
        try poller.add(stream: socket, token: token)
        let event = try next(poller)
        #expect(event.isBroken)
        #expect(socket.connectionError != 0)
    }

    @Test("a listener that is no longer watched is silent")
    func unwatched() throws {
        let poller = try Poller()
        let listener = try Socket.listening(on: .loopback(0), isDualStack: false)
        try poller.add(listener: listener, token: token)
        poller.remove(listener: listener)
        let client = try Socket.connecting(to: .loopback(listener.localPort))
        #expect(poller.wait(milliseconds: 0) == 0)
        // It is still open: the connection waits in its queue.
        let other = try Poller()
        try other.add(listener: listener, token: token)
        #expect(try next(other).token == token)
        guard case .connection = listener.accept() else {
            Issue.record("nobody was accepted")
            return
        }
        #expect(client.localPort != 0)
    }

    @Test("a dual-stack listener serves IPv4 under its mapped address")
    func dualStack() throws {
        guard let listener = try? Socket.listening(on: SocketAddress(high: 0, low: 0, port: 0), isDualStack: true)
        else {
            // A machine without IPv6.
            return
        }
        let client = try Socket.connecting(to: .loopback(listener.localPort))
        let poller = try Poller()
        try poller.add(listener: listener, token: token)
        _ = try next(poller)
        guard case .connection(_, let from) = listener.accept() else {
            Issue.record("nobody was accepted")
            return
        }
        #expect(from == .loopback(client.localPort))
    }
}
