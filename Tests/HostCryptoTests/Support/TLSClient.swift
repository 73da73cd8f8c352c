import CTestTLS

/// A session that a server gave to a client, to be resumed.
final class ClientSession {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { test_tls_session_free(pointer) }
}

/// What a client offers; a test changes what it is about.
struct ClientOffer {
    var lowest = TEST_TLS_1_2
    var highest = TEST_TLS_1_3
    var serverName: String? = "app.example.org"
    var ciphers: String?
    var protocols: [String] = []
    var session: ClientSession?

    static func version(_ version: Int) -> ClientOffer {
        ClientOffer(lowest: version, highest: version)
    }
}

/// OpenSSL's client without a socket.
final class TLSClient {
    private let client: OpaquePointer

    init(_ offer: ClientOffer) {
        let wire = offer.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        var options = test_tls_options()
        options.lowest_version = Int32(offer.lowest)
        options.highest_version = Int32(offer.highest)
        options.session = offer.session?.pointer
        client = (offer.serverName ?? "").withCString { name in
            (offer.ciphers ?? "").withCString { ciphers in
                wire.withUnsafeBufferPointer { protocols in
                    options.server_name = offer.serverName == nil ? nil : name
                    options.ciphers = offer.ciphers == nil ? nil : ciphers
                    options.alpn = protocols.baseAddress
                    options.alpn_count = protocols.count
                    return test_tls_new(&options)
                }
            }
        }
    }

    deinit { test_tls_free(client) }

    func handshake() -> Int { Int(test_tls_handshake(client)) }

    func feed(_ bytes: [UInt8]) { test_tls_feed(client, bytes, bytes.count) }

    /// Everything that waits for the server.
    func take() -> [UInt8] {
        var found: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = test_tls_take(client, &part, part.count)
            if count == 0 { return found }
            found += part[..<count]
        }
    }

    /// Everything that the server has sent, and how that ended.
    func read() -> (bytes: [UInt8], end: Int) {
        var found: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = test_tls_read(client, &part, part.count)
            guard count > 0 else { return (found, count) }
            found += part[..<count]
        }
    }

    func write(_ bytes: [UInt8]) -> Bool { test_tls_write(client, bytes, bytes.count) == 1 }

    func close() { test_tls_close(client) }

    func renegotiate() -> Int { Int(test_tls_renegotiate(client)) }

    var version: String { String(cString: test_tls_version(client)) }
    var cipher: String { String(cString: test_tls_cipher(client)) }
    var isResumed: Bool { test_tls_is_resumed(client) == 1 }

    /// The common name of the server's certificate.
    var peerName: String {
        var name = [CChar](repeating: 0, count: 64)
        let count = test_tls_peer_name(client, &name, name.count)
        return String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var alpn: String {
        var name = [UInt8](repeating: 0, count: 64)
        let count = test_tls_alpn(client, &name, name.count)
        return String(decoding: name[..<count], as: UTF8.self)
    }

    /// The newest session that the server gave.
    func session() -> ClientSession? { test_tls_session_of(client).map { ClientSession($0) } }
}
