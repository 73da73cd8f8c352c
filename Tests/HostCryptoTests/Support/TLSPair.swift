import CTestTLS
import HostCrypto

/// A client and one of our sessions, joined in memory.
final class TLSPair {
    let client: TLSClient
    let scratch: TLSScratch
    private var session: TLSSession
    /// What the session has decrypted.
    private(set) var plain: [UInt8] = []
    private(set) var progress = TLSProgress.wantsMore
    private(set) var clientOutcome = TEST_TLS_WANTS_MORE

    init?(_ context: TLSServerContext, _ offer: ClientOffer = ClientOffer(), scratch: TLSScratch = TLSScratch()) {
        guard let session = TLSSession(context, scratch: scratch) else { return nil }
        self.session = session
        self.scratch = scratch
        client = TLSClient(offer)
    }

    var isEstablished: Bool { session.isEstablished }
    var isResumed: Bool { session.isResumed }
    var isHTTP2: Bool { session.isHTTP2 }
    var version: String { session.version }

    /// Both sides have agreed.
    var isAgreed: Bool { isEstablished && clientOutcome == TEST_TLS_DONE }

    /// Gives ciphertext to the session, in pieces of at most `size` bytes, and its answers to the client.
    func deliver(_ ciphertext: [UInt8], size: Int = .max) {
        var position = 0
        while position < ciphertext.count {
            let end = position + min(size, ciphertext.count - position)
            receive(Array(ciphertext[position..<end]))
            position = end
        }
    }

    /// Gives the session these bytes in one call.
    /// - Parameter room: bytes of plaintext that may be written.
    func receive(_ piece: [UInt8], room: Int? = nil) {
        var plaintext = [UInt8](repeating: 0, count: room ?? piece.count + TLSSession.recordOverhead)
        var written = 0
        var span = plaintext.mutableSpan
        var raw = span.mutableBytes
        progress = session.receive(piece.span.bytes, scratch: scratch, into: &raw, written: &written)
        plain += plaintext[..<written]
        flush()
    }

    /// Moves what waits for the client.
    private func flush() {
        let count = scratch.outgoingCount
        let bytes = scratch.withOutgoing { raw in (0..<count).map { raw.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        scratch.clearOutgoing()
        client.feed(bytes)
    }

    /// Goes to and fro until neither side has anything to say.
    func shakeHands(size: Int = .max) {
        for _ in 0..<10 {
            clientOutcome = client.handshake()
            let bytes = client.take()
            if bytes.isEmpty { break }
            deliver(bytes, size: size)
        }
    }

    /// Encrypts for the client.
    func send(_ bytes: [UInt8]) -> Bool {
        let isSent = session.send(bytes.span.bytes)
        flush()
        return isSent
    }

    func close() {
        session.close()
        flush()
    }

    func forgetPlain() { plain = [] }
}
