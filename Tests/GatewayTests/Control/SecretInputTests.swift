import Foundation
import Testing

@testable import Gateway

@Suite("A secret is read from standard input, bounded, without its line's end")
struct SecretInputTests {
    private func read(_ bytes: [UInt8]) throws -> [UInt8]? {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
        try pipe.fileHandleForWriting.close()
        return SecretInput.octets(pipe.fileHandleForReading.fileDescriptor)
    }

    @Test(
        "one line's end is left away, blanks stay",
        arguments: [
            ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret\n"),
            (" a b ", " a b "), ("", ""), ("\n", ""),
        ])
    func lineEnds(input: String, secret: String) throws {
        #expect(try read(Array(input.utf8)) == Array(secret.utf8))
    }

    @Test("what is longer than any secret is refused")
    func bound() throws {
        #expect(try read([UInt8](repeating: 0x61, count: SecretInput.longest))?.count == SecretInput.longest)
        #expect(try read([UInt8](repeating: 0x61, count: SecretInput.longest + 1)) == nil)
    }
}
