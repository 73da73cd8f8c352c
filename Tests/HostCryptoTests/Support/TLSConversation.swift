import HostCrypto

/// A client's session of ours and a server's session of ours, joined in memory.
final class TLSConversation {
    private var client: TLSSession
    private var server: TLSSession
    private let clientScratch = TLSScratch()
    private let serverScratch = TLSScratch()
    /// What each has decrypted.
    private(set) var heardByClient: [UInt8] = []
    private(set) var heardByServer: [UInt8] = []
    private(set) var clientProgress = TLSProgress.wantsMore
    private(set) var serverProgress = TLSProgress.wantsMore

    init?(_ clientContext: TLSClientContext, name: String, place: Int = 0, _ serverContext: TLSServerContext) {
        guard
            let client = TLSSession(clientContext, serverName: name, server: place, scratch: clientScratch),
            let server = TLSSession(serverContext, scratch: serverScratch)
        else { return nil }
        self.client = client
        self.server = server
        clientProgress = Self.give([], to: &self.client, clientScratch, &heardByClient)
        exchange()
    }

    /// Both ends have agreed.
    var isAgreed: Bool { client.isEstablished && server.isEstablished }
    var version: String { client.version }
    var chosenProtocol: String { client.chosenProtocol }
    var isResumed: Bool { client.isResumed }

    /// Goes to and fro until neither end has anything to say.
    func exchange() {
        while true {
            let toServer = Self.take(clientScratch)
            if !toServer.isEmpty {
                serverProgress = Self.give(toServer, to: &server, serverScratch, &heardByServer)
            }
            let toClient = Self.take(serverScratch)
            if !toClient.isEmpty {
                clientProgress = Self.give(toClient, to: &client, clientScratch, &heardByClient)
            }
            if toServer.isEmpty, toClient.isEmpty { return }
        }
    }

    func say(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isSent = client.send(bytes.span.bytes)
        exchange()
        return isSent
    }

    func answer(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isSent = server.send(bytes.span.bytes)
        exchange()
        return isSent
    }

    func closeClient() {
        client.close()
        exchange()
    }

    private static func take(_ scratch: TLSScratch) -> [UInt8] {
        let count = scratch.outgoingCount
        let bytes = scratch.withOutgoing { raw in
            (0..<count).map { raw.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        scratch.clearOutgoing()
        return bytes
    }

    private static func give(
        _ bytes: [UInt8], to session: inout TLSSession, _ scratch: TLSScratch, _ heard: inout [UInt8]
    ) -> TLSProgress {
        var plaintext = [UInt8](repeating: 0, count: bytes.count + TLSSession.recordOverhead)
        var written = 0
        var span = plaintext.mutableSpan
        var raw = span.mutableBytes
        let progress = session.receive(bytes.span.bytes, scratch: scratch, into: &raw, written: &written)
        heard += plaintext[..<written]
        return progress
    }
}
