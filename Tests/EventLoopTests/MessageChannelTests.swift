import EventLoop
import Foundation
import Testing

@Suite("Messages between two processes")
struct MessageChannelTests {
    private static func bytes(_ received: MessageChannel.Received) -> [UInt8]? {
        if case .message(let bytes, _) = received { bytes } else { nil }
    }

    @Test("messages keep apart, and come in their order")
    func order() throws {
        let (one, other) = try MessageChannel.pair()
        try one.send([1, 2])
        try one.send([3])
        #expect(Self.bytes(try other.receive(within: 1000)) == [1, 2])
        #expect(Self.bytes(try other.receive(within: 1000)) == [3])
        guard case .nothing = try other.receive(within: 0) else { return #expect(Bool(false), "nothing more was sent") }
    }

    @Test("a listening socket that is passed accepts who waited in its queue, though the sender has closed it")
    func descriptor() throws {
        let (one, other) = try MessageChannel.pair()
        let client: Socket
        let port: UInt16
        do {
            let listener = try Socket.listening(
                on: SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: 0), isDualStack: false)
            port = listener.localPort
            client = try Socket.connecting(to: SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: port))
            try one.send([7], descriptors: [listener.number])
        }
        guard case .message(let bytes, let descriptors) = try other.receive(within: 1000), bytes == [7],
            descriptors.count == 1
        else { return #expect(Bool(false), "the message came without its descriptor") }
        let taken = try Socket.adopting(listener: descriptors[0])
        #expect(
            taken.bound
                == .address(SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: port), isDualStack: false))
        guard case .connection = taken.accept() else { return #expect(Bool(false), "nobody waits") }
        _ = client.localPort
    }

    @Test("the end of the other side is told, also to who waits")
    func ended() throws {
        let (one, other) = try MessageChannel.pair()
        let isTold = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            if case .ended? = try? other.receive(within: nil) { isTold.signal() }
        }
        one.end()
        #expect(isTold.wait(timeout: .now() + 30) == .success)
        #expect(throws: SystemError.self) { try one.send([1]) }
    }

    @Test("a message that is longer than the bound is refused, one of the bound's length is not")
    func bound() throws {
        let (one, other) = try MessageChannel.pair()
        try one.send([UInt8](repeating: 1, count: MessageChannel.longestMessage))
        #expect(Self.bytes(try other.receive(within: 1000))?.count == MessageChannel.longestMessage)
        try one.send([UInt8](repeating: 1, count: MessageChannel.longestMessage + 1))
        #expect(throws: SystemError.self) { try other.receive(within: 1000) }
    }

    @Test("what does not listen is no listener")
    func adopting() throws {
        let (one, _) = try MessageChannel.pair()
        #expect(throws: SystemError.self) { _ = try Socket.adopting(listener: one.number) }
        #expect(throws: SystemError.self) { _ = try Socket.adopting(listener: -1) }
    }

    @Test("an address says which families it serves")
    func families() throws {
        let both = try Socket.listening(on: SocketAddress(high: 0, low: 0, port: 0), isDualStack: true)
        #expect(both.bound == .address(SocketAddress(high: 0, low: 0, port: both.localPort), isDualStack: true))
        let one = try Socket.listening(on: SocketAddress(high: 0, low: 0, port: 0), isDualStack: false)
        #expect(one.bound == .address(SocketAddress(high: 0, low: 0, port: one.localPort), isDualStack: false))
        let path = "/tmp/gh-\(UUID().uuidString.prefix(8)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try Socket.listening(atPath: path).bound == .path(path))
    }
}
