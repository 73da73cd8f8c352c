import CTestTLS
import Foundation
import Synchronization
import TestSupport

/// An https server of this machine that answers one request a connection, in the name `app.example.org`.
final class TestServer: Sendable {
    /// The certificate that it shows, for those who are to trust it.
    static var authority: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/tls/first.crt.txt").path(percentEncoded: false)
    }

    let port: UInt16
    private let server: Shared
    private let heads = Mutex<[String]>([])

    /// What the thread and this object hold together.
    private final class Shared: @unchecked Sendable {
        // `@unchecked`: OpenSSL's context and the listener are for many threads; the last holder frees them.
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { test_tls_server_free(pointer) }
    }

    struct Unstarted: Error {}

    /// - Parameter answer: gets a request's head and gives the whole answer.
    init(at address: String = "127.0.0.1", answer: @escaping @Sendable (String) -> [UInt8]) throws {
        let (chain, key) = (
            try TestFile.bytes("Vectors/tls/first.crt.txt"), try TestFile.bytes("Vectors/tls/first.key.txt")
        )
        var port: UInt16 = 0
        guard let pointer = test_tls_listen(address, chain, chain.count, key, key.count, &port) else {
            throw Unstarted()
        }
        self.port = port
        server = Shared(pointer)
        let thread = Thread { [server, weak self] in
            while true {
                var isStopped: Int32 = 0
                let peer = test_tls_accept(server.pointer, &isStopped)
                guard isStopped == 0 else { return }
                guard let peer else { continue }
                let head = Self.head(peer)
                self?.heads.withLock { $0.append(head) }
                let bytes = answer(head)
                _ = test_tls_peer_write(peer, bytes, bytes.count)
                test_tls_peer_free(peer)
            }
        }
        thread.start()
    }

    deinit { test_tls_server_stop(server.pointer) }

    /// The heads that have come.
    var requests: [String] { heads.withLock { $0 } }

    private static func head(_ peer: OpaquePointer) -> String {
        var head: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = test_tls_peer_read(peer, &piece, piece.count)
            guard count > 0 else { break }
            head += piece.prefix(count)
        }
        return String(decoding: head, as: UTF8.self)
    }

    /// An answer with a body of this length.
    static func answer(_ status: String, _ fields: [String] = [], body: [UInt8] = []) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + fields + ["Connection: close", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8) + body
    }
}
