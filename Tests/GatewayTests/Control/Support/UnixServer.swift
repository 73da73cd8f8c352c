import Foundation
import Synchronization

/// A server on a unix socket that answers every connection with the same bytes, and remembers what it was asked.
final class UnixServer: Sendable {
    let path: String
    private let descriptor: Int32
    private let isStopped = Atomic(false)
    private let asked = Mutex<[String]>([])

    /// - Parameters:
    ///   - path: shorter than 107 bytes.
    ///   - answer: sent once a request has come; nil answers nothing and holds the connection.
    init(path: String, answer: [UInt8]?) throws {
        self.path = path
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, octet) in path.utf8.enumerated() { target[index] = octet }
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [weak self] in
            var held: [Int32] = []
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                var buffer = [UInt8](repeating: 0, count: 65536)
                var text = ""
                while !text.contains("\r\n\r\n") {
                    let count = recv(connection, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    text += String(decoding: buffer.prefix(count), as: UTF8.self)
                }
                self?.asked.withLock { if !text.isEmpty { $0.append(text) } }
                guard let answer else {
                    held.append(connection)
                    continue
                }
                var offset = 0
                while offset < answer.count {
                    let count = answer.withUnsafeBytes {
                        send(
                            connection, $0.baseAddress! + offset, answer.count - offset,
                            Int32(truncatingIfNeeded: MSG_NOSIGNAL))
                    }
                    guard count > 0 else { break }
                    offset += count
                }
                close(connection)
            }
            for connection in held { close(connection) }
        }
    }

    /// The requests so far.
    var requests: [String] { asked.withLock { $0 } }

    /// Ends the server; its path stays, as a crashed one's would.
    func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    deinit { stop() }
}

/// Runs what blocks on a thread of its own: those of Swift's pool are few, and a command waits for them.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
