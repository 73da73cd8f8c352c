import EventLoop
import Testing

@testable import Proxy

@Suite("All addresses of a server are used, and a dead one is passed over")
struct AddressBookTests {
    private let three = (1...3).map { ServerAddress.network(SocketAddress(high: 0, low: $0, port: 80)) }

    @Test("addresses take turns")
    func turns() {
        var book = AddressBook(three)
        #expect((0..<4).map { _ in book.turn(at: 0) } == [three[0], three[1], three[2], three[0]])
        var empty = AddressBook([])
        #expect(empty.turn(at: 0) == nil)
    }

    @Test("one that failed is passed over for a while, until it answers or the while is over")
    func avoided() {
        var book = AddressBook(three)
        #expect(book.failed(three[1], at: 1000) == false)
        #expect(Set((0..<6).map { _ in book.turn(at: 1000) }) == [three[0], three[2]])
        #expect(Set((0..<6).map { _ in book.turn(at: 1000 + AddressBook.avoidance) }) == Set(three))
        #expect(book.failed(three[1], at: 1000) == false)
        book.answered(three[1])
        #expect(Set((0..<6).map { _ in book.turn(at: 1000) }) == Set(three))
    }

    @Test("where all have failed the server has, and all are tried again")
    func allFailed() {
        var book = AddressBook(three)
        #expect(three.map { book.failed($0, at: 1000) } == [false, false, true])
        #expect(Set((0..<3).map { _ in book.turn(at: 1000) }) == Set(three))
        var one = AddressBook([three[0]])
        #expect(one.failed(three[0], at: 1000) == true)
    }

    @Test("addresses that have vanished are forgotten")
    func vanished() {
        var book = AddressBook(three)
        _ = book.failed(three[0], at: 1000)
        book.take([three[1], three[2]])
        #expect(book.failed(three[1], at: 1000) == false)
        #expect(book.failed(three[0], at: 1000) == false)
        #expect(book.failed(three[2], at: 1000) == true)
    }
}
