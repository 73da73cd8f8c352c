import Core
import HTTPWire
import Testing

/// A client and a server of ours, in memory.
@Suite("HTTP/2 session")
struct HTTP2SessionTests {
    static let get = "GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    static let post = "POST /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"

    /// A client and a server that know each other's settings.
    private func pair(_ settings: HTTP2Settings? = nil) throws -> (client: HTTP2Peer, server: HTTP2Peer) {
        let (client, server) = (try HTTP2Peer(.client), try HTTP2Peer(.server, settings: settings))
        HTTP2Peer.settle(client, server)
        #expect(client.seen == [.settings])
        (client.seen, server.seen) = ([], [])
        return (client, server)
    }

    @Test("a request arrives as HTTP/1.1 writes it, and so does its answer")
    func exchange() throws {
        let (client, server) = try pair()
        let stream = try #require(client.open(Self.get))
        HTTP2Peer.settle(client, server)
        #expect(
            server.seen == [
                .head(1, "GET /a?b=c HTTP/1.1\r\nhost: a.example\r\naccept: */*\r\n\r\n"), .end(1),
            ])
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello", to: served)
        server.session.end(served)
        HTTP2Peer.settle(client, server)
        #expect(
            client.seen == [
                .head(1, "HTTP/1.1 200 \r\ncontent-type: text/plain\r\n\r\n"), .data(1, "hello"), .end(1),
                .closed(1, 0),
            ])
        #expect(stream.isClosed && served.isClosed)
        #expect(client.session.streams.isEmpty && server.session.streams.isEmpty)
    }

    @Test("a body goes up in chunks of its own, with trailers at its end")
    func upload() throws {
        let (client, server) = try pair()
        let stream = try #require(client.open(Self.post, isWhole: false))
        client.append("one", to: stream)
        HTTP2Peer.settle(client, server)
        client.append("two", to: stream)
        client.session.end(stream, trailers: Array("Checksum: 7\r\n\r\n".utf8))
        HTTP2Peer.settle(client, server)
        #expect(
            server.seen == [
                .head(1, "POST /a HTTP/1.1\r\nhost: a.example\r\ntransfer-encoding: chunked\r\n\r\n"), .data(1, "one"),
                .data(1, "two"), .trailers(1, "checksum: 7\r\n\r\n"), .end(1),
            ])
    }

    @Test("an answer has interim heads in front and trailers behind")
    func interim() throws {
        let (client, server) = try pair()
        _ = client.open(Self.get)
        HTTP2Peer.settle(client, server)
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 100 Continue\r\n\r\n", to: served)
        server.append("HTTP/1.1 200 OK\r\n\r\nx", to: served)
        server.session.end(served, trailers: Array("grpc-status: 0\r\n\r\n".utf8))
        HTTP2Peer.settle(client, server)
        #expect(
            client.seen == [
                .head(1, "HTTP/1.1 100 \r\n\r\n"), .head(1, "HTTP/1.1 200 \r\n\r\n"), .data(1, "x"),
                .trailers(1, "grpc-status: 0\r\n\r\n"), .end(1), .closed(1, 0),
            ])
    }

    @Test("an answer without a body is one frame")
    func bodiless() throws {
        let server = try HTTP2Peer.greetedServer()
        server.receive(Frames.request())
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 204 No Content\r\n\r\n", to: served)
        server.session.end(served)
        let bytes = server.write()
        #expect(bytes.count == 9 + Int(bytes[2]))
        #expect(bytes[3] == Frames.Kind.headers.rawValue)
        #expect(bytes[4] == Frames.endStream | Frames.endHeaders)
    }

    @Test("a body waits for the peer's window, and goes on when it is used")
    func backPressure() throws {
        let settings = HTTP2Settings(head: HTTP2Peer.limits, streamWindow: 100, connectionWindow: 1 << 20)
        let (client, server) = try pair(settings)
        server.usesAtOnce = false
        let stream = try #require(client.open(Self.post, isWhole: false))
        client.append(String(repeating: "x", count: 250), to: stream)
        HTTP2Peer.settle(client, server)
        #expect(client.seen == [.blocked(1)])
        #expect(stream.unsent == 150)
        let served = try #require(server.streams[1])
        #expect(served.unusedBytes == 100)
        for _ in 0..<2 {
            server.session.use(served.unusedBytes, of: served)
            HTTP2Peer.settle(client, server)
        }
        #expect(stream.unsent == 0)
        #expect(client.seen == [.blocked(1), .drained(1)])
        #expect(stream.takeSent() == 250)
        #expect(stream.takeSent() == 0)
    }

    @Test("what is written stops at the bound and goes on behind it")
    func bound() throws {
        let (client, server) = try pair()
        _ = client.open(Self.get)
        HTTP2Peer.settle(client, server)
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 60_000), to: served)
        server.session.end(served)
        var received: [UInt8] = []
        let first = server.write(atMost: 16 * 1024)
        #expect(first.count < 40_000)
        #expect(server.seen.last == .blocked(1))
        received += first
        while case let more = server.write(atMost: 16 * 1024), !more.isEmpty { received += more }
        client.receive(received)
        let body = client.seen.reduce(0) { sum, event in
            if case .data(_, let text) = event { sum + text.utf8.count } else { sum }
        }
        #expect(body == 60_000)
        #expect(client.seen.suffix(2) == [.end(1), .closed(1, 0)])
    }

    @Test("a reset tells the other side, and drops what waited")
    func reset() throws {
        let (client, server) = try pair()
        let stream = try #require(client.open(Self.post, isWhole: false))
        HTTP2Peer.settle(client, server)
        client.append("late", to: stream)
        client.session.reset(stream, code: HTTP2Code.cancel)
        HTTP2Peer.settle(client, server)
        #expect(server.seen.last == .closed(1, HTTP2Code.cancel))
        #expect(client.seen == [.closed(1, HTTP2Code.cancel)])
    }

    @Test("an answer that ends before its request closes the stream without an error")
    func early() throws {
        let (client, server) = try pair()
        _ = client.open(Self.post, isWhole: false)
        HTTP2Peer.settle(client, server)
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 413 Content Too Large\r\n\r\n", to: served)
        server.session.end(served)
        HTTP2Peer.settle(client, server)
        #expect(client.seen == [.head(1, "HTTP/1.1 413 \r\n\r\n"), .end(1), .closed(1, HTTP2Code.noError)])
    }

    @Test("after GOAWAY no stream is opened, and those that are open end")
    func goAway() throws {
        let (client, server) = try pair()
        let stream = try #require(client.open(Self.get))
        HTTP2Peer.settle(client, server)
        server.session.announceEnd()
        server.session.end()
        HTTP2Peer.settle(client, server)
        #expect(client.seen == [.goAway(.max, 0), .goAway(1, 0)])
        #expect(client.open(Self.get) == nil)
        #expect(!server.session.isOver)
        let served = try #require(server.streams[1])
        server.append("HTTP/1.1 204 No Content\r\n\r\n", to: served)
        server.session.end(served)
        HTTP2Peer.settle(client, server)
        #expect(stream.isClosed)
        #expect(server.session.isOver)
    }

    @Test("no more streams are opened than the peer allows")
    func concurrency() throws {
        let (client, server) = try pair(HTTP2Settings(head: HTTP2Peer.limits, concurrentStreams: 2))
        #expect(client.open(Self.post, isWhole: false) != nil)
        #expect(client.open(Self.post, isWhole: false) != nil)
        #expect(client.open(Self.get) == nil)
        HTTP2Peer.settle(client, server)
        #expect(server.session.streams.count == 2)
    }

    @Test("a head may come byte by byte, beside streams that end meanwhile")
    func pieces() throws {
        let server = try HTTP2Peer.greetedServer()
        server.receive(Frames.request(1, isWhole: false))
        let bytes = Frames.request(3, more: [("x-a", "b")])
        for (index, byte) in bytes.enumerated() {
            if index == 20, let other = server.streams[1] {
                #expect(server.session.isWithinHead)
                server.session.reset(other, code: HTTP2Code.cancel)
                _ = server.write()
            }
            #expect(server.receive([byte]) == nil)
        }
        #expect(!server.session.isWithinHead)
        #expect(
            server.seen.suffix(2) == [.head(3, "GET / HTTP/1.1\r\nhost: a.example\r\nx-a: b\r\n\r\n"), .end(3)])
    }

    @Test("heads that always end in the next read leave nothing behind")
    func noPile() throws {
        let server = try HTTP2Peer.greetedServer()
        var stream: UInt32 = 1
        var held = Frames.request(stream)
        for _ in 0..<50 {
            stream += 2
            let next = Frames.request(stream)
            #expect(server.receive(held + next.prefix(15)) == nil)
            held = Array(next.dropFirst(15))
            _ = server.write()
            let left = server.scratch.heads.count
            #expect(left == 0)
        }
        let heads = server.seen.filter { if case .head = $0 { true } else { false } }
        #expect(heads.count == 50)
        #expect(heads.allSatisfy { "\($0)".utf8.count < 80 })
    }
}
