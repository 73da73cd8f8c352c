import EventLoop
import Foundation
import Testing

@Suite("Listening on a unix socket")
struct UnixListenerTests {
    private let path = "/tmp/gh-\(UUID().uuidString.prefix(8)).sock"

    @Test("a socket that somebody listens on is left alone, one that is left over is replaced")
    func inUse() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let first = try Socket.listening(atPath: path)
            #expect(throws: SystemError.self) {
                do throws(SystemError) {
                    _ = try Socket.listening(atPath: path)
                } catch {
                    #expect(error.isAddressInUse)
                    throw error
                }
            }
            // The first lives as long as it is used.
            _ = first.localPort
        }
        #expect(FileManager.default.fileExists(atPath: path))
        _ = try Socket.listening(atPath: path)
    }

    @Test("a file that is no socket is left alone")
    func file() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SystemError.self) { _ = try Socket.listening(atPath: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("x".utf8))
    }
}
