import CTestTLS
import HostCrypto
import TestSupport
import Testing

@Suite("TLS: data without sockets")
struct TLSSessionTests {
    private func agreed(_ version: Int = TEST_TLS_1_3, scratch: TLSScratch = TLSScratch()) throws -> TLSPair {
        let pair = try #require(TLSPair(try TLSVectors.context(), .version(version), scratch: scratch))
        pair.shakeHands()
        try #require(pair.isAgreed)
        return pair
    }

    @Test("a mebibyte goes both ways unchanged", arguments: [TEST_TLS_1_2, TEST_TLS_1_3], [1, 7, 1000, 65_536])
    func mebibyte(_ version: Int, _ size: Int) throws {
        let pair = try agreed(version)
        var random = SeededGenerator(seed: UInt64(size))
        let bytes = (0..<(size == 1 ? 65_536 : 1 << 20)).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(pair.client.write(bytes))
        pair.deliver(pair.client.take(), size: size)
        #expect(pair.progress == .wantsMore)
        #expect(pair.plain == bytes)
        #expect(pair.send(bytes))
        #expect(pair.client.read().bytes == bytes)
    }

    @Test("an exchange is the same at every split of its ciphertext")
    func splits() throws {
        let pair = try agreed()
        for text in ["a", "hello", String(repeating: "x", count: 40)] {
            #expect(pair.client.write(Array(text.utf8)))
            let ciphertext = pair.client.take()
            // The records are numbered: one client writes again for each split.
            for split in 1..<ciphertext.count {
                pair.forgetPlain()
                #expect(pair.client.write(Array(text.utf8)))
                let again = pair.client.take()
                if split == 1 { pair.deliver(ciphertext) }
                pair.receive(Array(again[..<split]))
                pair.receive(Array(again[split...]))
                #expect(pair.plain.suffix(text.utf8.count) == Array(text.utf8)[...])
            }
        }
    }

    @Test("a full plaintext buffer is told, and the rest comes with the next call")
    func full() throws {
        let pair = try agreed()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(pair.client.write(bytes))
        pair.receive(pair.client.take(), room: 4000)
        #expect(pair.progress == .isFull)
        #expect(pair.plain.count == 4000)
        pair.receive([], room: 20_000)
        #expect(pair.progress == .wantsMore)
        #expect(pair.plain == bytes)
    }

    @Test("the end that the client announces is told apart from a break")
    func closeNotify() throws {
        let pair = try agreed()
        #expect(pair.client.write(Array("bye".utf8)))
        pair.client.close()
        pair.deliver(pair.client.take())
        #expect(pair.plain == Array("bye".utf8))
        #expect(pair.progress == .ended)
        #expect(pair.send(Array("answer".utf8)))
        #expect(pair.client.read().bytes == Array("answer".utf8))
    }

    @Test("the end that we announce reaches the client, once")
    func ownClose() throws {
        let pair = try agreed()
        #expect(pair.send([1]))
        pair.close()
        #expect(pair.client.read() == ([1], TEST_TLS_CLOSED))
        pair.close()
        #expect(pair.scratch.outgoingCount == 0)
    }

    @Test(
        "garbage fails with a reason, at once and for good",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{03}\u{01}\u{00}\u{05}hello",
            "\u{15}\u{03}\u{03}\u{00}\u{02}\u{02}\u{28}",
            "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
        ])
    func garbage(_ text: String) throws {
        let pair = try #require(TLSPair(try TLSVectors.context()))
        pair.deliver(Array(text.utf8))
        guard case .failed(let words) = pair.progress else {
            Issue.record("\(pair.progress)")
            return
        }
        #expect(!words.isEmpty)
        #expect(!pair.isEstablished && pair.plain.isEmpty)
        #expect(!pair.send([1]))
    }

    @Test("random bytes never do more than fail")
    func randomBytes() throws {
        let context = try TLSVectors.context()
        var random = SeededGenerator(seed: 3)
        let hello = TLSClient(ClientOffer())
        _ = hello.handshake()
        let first = hello.take()
        for _ in 0..<300 {
            let pair = try #require(TLSPair(context))
            var bytes = first
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            pair.deliver(bytes, size: Int.random(in: 1...600, using: &random))
            #expect(!pair.isEstablished && pair.plain.isEmpty)
        }
    }

    @Test("a changed record is refused, and nothing of it is lent", arguments: [TEST_TLS_1_2, TEST_TLS_1_3])
    func tampering(_ version: Int) throws {
        let pair = try agreed(version)
        #expect(pair.client.write(Array("transfer 100".utf8)))
        var bytes = pair.client.take()
        bytes[bytes.count - 3] ^= 1
        pair.deliver(bytes)
        guard case .failed = pair.progress else {
            Issue.record("\(pair.progress)")
            return
        }
        #expect(pair.plain.isEmpty)
    }

    @Test("renegotiation is refused and the session goes on or ends, but never begins anew")
    func renegotiation() throws {
        let pair = try agreed(TEST_TLS_1_2)
        #expect(pair.client.renegotiate() != TEST_TLS_DONE)
        pair.deliver(pair.client.take())
        // The refusal is an alert: no hello of ours comes back.
        #expect(pair.client.handshake() == TEST_TLS_FAILED)
        #expect(pair.plain.isEmpty)
    }

    @Test("sessions share one scratch and do not mix")
    func sharedScratch() throws {
        let scratch = TLSScratch()
        let (one, two) = (try agreed(scratch: scratch), try agreed(TEST_TLS_1_2, scratch: scratch))
        for turn in 0..<50 {
            let (first, second) = (Array("one \(turn)".utf8), Array("two \(turn)".utf8))
            #expect(one.client.write(first) && two.client.write(second))
            let (forOne, forTwo) = (one.client.take(), two.client.take())
            one.forgetPlain()
            two.forgetPlain()
            one.deliver(forOne, size: 9)
            two.deliver(forTwo, size: 5)
            #expect(one.plain == first && two.plain == second)
            #expect(one.send(second) && two.send(first))
            #expect(one.client.read().bytes == second && two.client.read().bytes == first)
        }
    }

    @Test("a scratch that grew gives its memory back")
    func scratchMemory() throws {
        let pair = try agreed()
        #expect(pair.send([UInt8](repeating: 7, count: 3 << 20)))
        #expect(pair.client.read().bytes.count == 3 << 20)
        #expect(pair.scratch.outgoingCount == 0)
        #expect(pair.send([1]))
        #expect(pair.client.read().bytes == [1])
    }
}
