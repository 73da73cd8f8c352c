import Core
import Testing

@testable import Proxy

@Suite("Connections by address")
struct ConnectionLedgerTests {
    private func address(_ text: String) throws -> ClientAddress { try #require(ClientAddress(text)) }

    @Test("an address has its share, and gets a place back when one is free")
    func perAddress() throws {
        let ledger = ConnectionLedger()
        let (one, two) = (try address("192.0.2.1"), try address("192.0.2.2"))
        for _ in 0..<3 { #expect(ledger.admit(one, total: 10, perAddress: 3, isExempt: false) == nil) }
        #expect(ledger.admit(one, total: 10, perAddress: 3, isExempt: false) == .tooManyConnectionsFromAddress)
        #expect(ledger.admit(two, total: 10, perAddress: 3, isExempt: false) == nil)
        ledger.release(one)
        #expect(ledger.admit(one, total: 10, perAddress: 3, isExempt: false) == nil)
        #expect(ledger.total == 4)
    }

    @Test("IPv6 counts by /64, IPv4 mapped or not by address")
    func networks() throws {
        let ledger = ConnectionLedger()
        #expect(ledger.admit(try address("2001:db8::1"), total: 10, perAddress: 1, isExempt: false) == nil)
        #expect(
            ledger.admit(try address("2001:db8::ffff:1"), total: 10, perAddress: 1, isExempt: false)
                == .tooManyConnectionsFromAddress)
        #expect(ledger.admit(try address("2001:db8:0:1::1"), total: 10, perAddress: 1, isExempt: false) == nil)
        #expect(ledger.admit(try address("192.0.2.1"), total: 10, perAddress: 1, isExempt: false) == nil)
        #expect(
            ledger.admit(try address("::ffff:192.0.2.1"), total: 10, perAddress: 1, isExempt: false)
                == .tooManyConnectionsFromAddress)
    }

    @Test("a trusted proxy has no share of its own, but the whole has its bound for all")
    func exempt() throws {
        let ledger = ConnectionLedger()
        let proxy = try address("10.0.0.1")
        for _ in 0..<5 { #expect(ledger.admit(proxy, total: 5, perAddress: 1, isExempt: true) == nil) }
        #expect(ledger.admit(proxy, total: 5, perAddress: 1, isExempt: true) == .tooManyConnections)
        #expect(ledger.admit(try address("192.0.2.1"), total: 5, perAddress: 1, isExempt: false) == .tooManyConnections)
        for _ in 0..<5 { ledger.release(proxy) }
        #expect(ledger.total == 0)
        #expect(ledger.admit(proxy, total: 5, perAddress: 1, isExempt: false) == nil)
    }
}
