import CTestTLS
import HostCrypto
import Testing

@Suite("TLS: tickets")
struct TLSTicketTests {
    /// Connects, hears the server once (in TLS 1.3 tickets come behind the handshake), and keeps the session.
    private func connect(_ context: TLSServerContext, _ offer: ClientOffer) throws -> (isResumed: Bool, ClientSession?)
    {
        let pair = try #require(TLSPair(context, offer))
        pair.shakeHands()
        #expect(pair.isAgreed)
        #expect(pair.send([1]))
        #expect(pair.client.read().bytes == [1])
        #expect(pair.isResumed == pair.client.isResumed)
        let session = pair.client.session()
        pair.client.close()
        return (pair.isResumed, session)
    }

    @Test(
        "a ticket is resumed by any context of the same keys, and by none of others",
        arguments: [
            TEST_TLS_1_2, TEST_TLS_1_3,
        ])
    func contexts(_ version: Int) throws {
        let keys = TicketKeys(now: 0)
        var offer = ClientOffer.version(version)
        let (first, session) = try connect(try TLSVectors.context(tickets: keys), offer)
        #expect(!first)
        offer.session = session
        #expect(session != nil)
        #expect(try connect(try TLSVectors.context(tickets: keys), offer).isResumed)
        #expect(try !connect(try TLSVectors.context(), offer).isResumed)
    }

    @Test("a ticket outlives two rotations of the keys and not the third", arguments: [TEST_TLS_1_2, TEST_TLS_1_3])
    func rotation(_ version: Int) throws {
        let keys = TicketKeys(now: 0)
        let context = try TLSVectors.context(tickets: keys)
        var offer = ClientOffer.version(version)
        offer.session = try connect(context, offer).1
        #expect(offer.session != nil)
        for turn in 1...3 {
            keys.rotate(now: UInt64(turn) * TicketKeys.periodMilliseconds)
            // Each try shows the very first ticket, as an attacker who kept it would.
            #expect(try connect(context, offer).isResumed == (turn < 3), "rotation \(turn)")
        }
    }

    @Test("another process that was handed the keys resumes, and rotates them when they are due")
    func handedOver() throws {
        let keys = TicketKeys(now: 100)
        keys.rotate(now: 100 + TicketKeys.periodMilliseconds)
        var offer = ClientOffer()
        offer.session = try connect(try TLSVectors.context(tickets: keys), offer).1
        let bytes = keys.handedOver()
        let taken = try #require(TicketKeys(handedOver: bytes))
        #expect(taken.count == 2)
        #expect(try connect(try TLSVectors.context(tickets: taken), offer).isResumed)
        taken.rotate(now: 99 + 2 * TicketKeys.periodMilliseconds)
        #expect(taken.count == 2)
        taken.rotate(now: 100 + 2 * TicketKeys.periodMilliseconds)
        #expect(taken.count == 3)
        for broken in [[], Array(bytes.prefix(8)), bytes.dropLast(), bytes + bytes.dropFirst(8)] {
            #expect(TicketKeys(handedOver: Array(broken)) == nil)
        }
    }

    @Test("keys rotate once a period, and three are held at most")
    func period() {
        let keys = TicketKeys(now: 100)
        keys.rotate(now: 99 + TicketKeys.periodMilliseconds)
        #expect(keys.count == 1)
        keys.rotate(now: 100 + TicketKeys.periodMilliseconds)
        #expect(keys.count == 2)
        keys.rotate(now: 101 + TicketKeys.periodMilliseconds)
        #expect(keys.count == 2)
        for turn in 2...9 { keys.rotate(now: 100 + UInt64(turn) * TicketKeys.periodMilliseconds) }
        #expect(keys.count == 3)
    }

    @Test("the certificate of a resumed session's name is chosen before the ticket is read")
    func names() throws {
        let keys = TicketKeys(now: 0)
        let context = try TLSVectors.context(["first", "exact"], tickets: keys)
        var offer = ClientOffer()
        offer.session = try connect(context, offer).1
        #expect(offer.session != nil)
        offer.serverName = "acme.example.org"
        // Whether it resumes or not, the handshake with another name succeeds.
        _ = try connect(context, offer)
    }
}
