import EventLoop
import Testing

@testable import Proxy

@Suite("Loop board: who serves a new connection")
struct LoopBoardTests {
    private func board(loops: Int) throws -> LoopBoard {
        let board = LoopBoard()
        for expected in 0..<loops {
            let poller = try Poller()
            #expect(board.join(Mailbox(waker: poller.waker)) == expected)
        }
        return board
    }

    @Test("whichever loop accepts them, connections are spread evenly")
    func spread() throws {
        let board = try board(loops: 3)
        let places = (0..<9).map { _ in board.place(from: 1) }
        #expect(places.sorted() == [0, 0, 0, 1, 1, 1, 2, 2, 2])
        #expect((0..<3).map(board.connections(of:)) == [3, 3, 3])
    }

    @Test("the loop that accepts keeps a connection where no other has fewer")
    func own() throws {
        let board = try board(loops: 2)
        #expect(board.place(from: 1) == 1)
        #expect(board.place(from: 1) == 0)
        #expect(board.place(from: 0) == 0)
        #expect(board.place(from: 0) == 1)
    }

    @Test("a connection that ends makes room for the next one")
    func ended() throws {
        let board = try board(loops: 2)
        for _ in 0..<4 { _ = board.place(from: 0) }
        board.leave(1)
        board.leave(1)
        #expect(board.place(from: 0) == 1)
        #expect(board.place(from: 0) == 1)
        #expect(board.place(from: 0) == 0)
    }

    @Test("a loop that drains gets none from others, and keeps what it accepts itself where all drain")
    func draining() throws {
        let board = try board(loops: 2)
        board.close(1)
        #expect(board.place(from: 0) == 0)
        #expect(board.place(from: 0) == 0)
        #expect(board.place(from: 1) == 1)
        board.close(0)
        #expect(board.place(from: 1) == 1)
    }
}
