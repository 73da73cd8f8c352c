import Core
import HostCrypto

/// The file that holds a master key: three lines of ASCII.
///
///     gatehouse-master-key 1
///     <base64 of 32 bytes>
///     sha256:<first 16 hexadecimal digits of the SHA-256 of the two lines before, line ends included>
///
/// The checksum finds a damaged copy before it is blamed on the data.
public enum MasterKeyFile {
    static let title = "gatehouse-master-key 1"
    /// No longer file is read.
    static let longest = 256

    /// A key that was read, and what the operator should know.
    public struct Reading: Sendable {
        public let key: MasterKey
        /// Sentences for the log: the file is readable by its group.
        public let warnings: [String]
    }

    /// Makes a new random key and writes it with mode 0600; durable when it returns.
    /// - Throws: `StoreFault.masterKeyExists`, `.diskFull`, `.inputOutput`.
    public static func create(at path: String) throws(StoreFault) -> MasterKey {
        let key = MasterKey()
        var body = Array("\(title)\n".utf8)
        defer { Wiping.wipe(&body) }
        key.withSecret { secret in
            var plain: [UInt8] = []
            secret.withBytes { bytes in
                let octets = Span<UInt8>(_bytes: bytes)
                for index in octets.indices { plain.append(octets[index]) }
            }
            var text = Base64.encodedOctets(plain, alphabet: .standard)
            body.append(contentsOf: text)
            Wiping.wipe(&plain)
            Wiping.wipe(&text)
        }
        body.append(UInt8(ascii: "\n"))
        body.append(contentsOf: "sha256:\(checksum(body))\n".utf8)
        do {
            try HostFiles.create(path, body)
        } catch {
            if error.isThere { throw .masterKeyExists(path: path) }
            if error.isFull { throw .diskFull(file: path) }
            throw .inputOutput(file: path, words: error.words)
        }
        return key
    }

    /// Reads a key.
    /// - Throws: `StoreFault.masterKeyMissing`, `.masterKeyExposed` where others than owner and group may read, or
    ///   others than the owner may write, `.masterKeyMalformed`, `.inputOutput`.
    public static func read(_ path: String) throws(StoreFault) -> Reading {
        var bytes: [UInt8]
        let mode: UInt32
        do {
            (bytes, mode) = try HostFiles.read(path, limit: longest + 1)
        } catch {
            if error.isMissing { throw .masterKeyMissing(path: path) }
            throw .inputOutput(file: path, words: error.words)
        }
        defer { Wiping.wipe(&bytes) }
        guard mode & 0o027 == 0 else { throw .masterKeyExposed(path: path, mode: mode) }
        var secret = try parse(bytes, path: path)
        let key = MasterKey(SecretBytes(wiping: &secret))
        let warnings = mode & 0o040 == 0 ? [] : ["\(path) is readable by its group; better: chmod 600 \(path)"]
        return Reading(key: key, warnings: warnings)
    }

    private static func parse(_ bytes: [UInt8], path: String) throws(StoreFault) -> [UInt8] {
        func malformed(_ words: String) -> StoreFault { .masterKeyMalformed(path: path, words: words) }
        guard bytes.count <= longest else { throw malformed("it is longer than \(longest) bytes") }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty else { throw malformed("it has not three lines") }
        guard lines[0].elementsEqual(title.utf8) else { throw malformed("the first line is not `\(title)`") }
        let signed = Array(bytes[..<lines[2].startIndex])
        guard lines[2].elementsEqual("sha256:\(checksum(signed))".utf8) else { throw malformed("the checksum differs") }
        guard let secret = Base64.decode(lines[1], alphabet: .standard), secret.count == MasterKey.byteCount else {
            throw malformed("the second line is not the base64 of \(MasterKey.byteCount) bytes")
        }
        return secret
    }

    private static func checksum(_ bytes: [UInt8]) -> String {
        String(
            decoding: SHA256Digest.bytes(bytes).prefix(8).flatMap {
                [ASCII.hexadecimalDigit($0 >> 4), ASCII.hexadecimalDigit($0)]
            }, as: UTF8.self)
    }
}
