import Core
import FoundationEssentials
import HostCrypto
import Store

/// A file with users who move in, cut into parts that one request carries.
///
/// The memory that it takes does not grow with the file but for sixteen bytes and a number for each address and id, by
/// which a second line of the same person is found.
struct ImportFile {
    /// Lines of a file.
    static let mostLines = 1_000_000
    /// Bytes of a line.
    static let longestLine = 16 * 1024
    /// Lines of a part.
    static let partLines = 250
    /// Bytes of a part's lines.
    static let partBytes = 256 * 1024

    /// A line that is sent.
    struct Line {
        let number: Int
        let text: String
    }

    /// A line that is not sent, and why.
    struct Refused {
        let number: Int
        let field: String?
        let words: String
    }

    /// The next lines, as they came and as they were refused.
    struct Part {
        var lines: [Line] = []
        var refused: [Refused] = []
    }

    private let reader: LineReader
    private var number = 0
    private var seen: [Fingerprint: Int32] = [:]

    /// 128 bits of a digest.
    private struct Fingerprint: Hashable {
        let first, second: UInt64

        init(_ kind: String, _ text: String) {
            let digest = SHA256Digest.bytes(Array("\(kind) \(text)".utf8))
            first = digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            second = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    init(_ path: String) throws(FileInspector.Failure) {
        reader = try LineReader(path, longestLine: Self.longestLine)
    }

    /// Bytes that were read, and those of the whole file.
    var progress: (read: Int, whole: Int) { (reader.position, reader.size) }
    /// Lines that were read, blank ones too.
    var linesRead: Int { number }

    /// The next part; nil behind the last.
    /// - Throws: `OperatorFault` where the file cannot be read any further, or has too many lines.
    mutating func next(file: String) throws(OperatorFault) -> Part? {
        var part = Part()
        var bytes = 0
        while part.lines.count + part.refused.count < Self.partLines, bytes < Self.partBytes {
            let line: LineReader.Line?
            do {
                line = try reader.next()
            } catch {
                throw OperatorFault(.unavailable, "\(file): \(error.words(for: "file").problem)")
            }
            guard let line else { break }
            number += 1
            guard number <= Self.mostLines else {
                throw OperatorFault(
                    .badData,
                    "\(file): more than \(Self.mostLines) lines; cut it into several files, and go on with "
                        + "line \(number)")
            }
            switch judge(line) {
            case .success(nil): continue
            case .success(let text?):
                part.lines.append(Line(number: number, text: text))
                bytes += text.utf8.count
            case .failure(let refused): part.refused.append(refused.line)
            }
        }
        return part.lines.isEmpty && part.refused.isEmpty ? nil : part
    }

    private struct NotSent: Error {
        let line: Refused
    }

    /// The line's text; nil where it is blank.
    private mutating func judge(_ line: LineReader.Line) -> Result<String?, NotSent> {
        func refused(_ words: String, _ field: String? = nil) -> Result<String?, NotSent> {
            .failure(NotSent(line: Refused(number: number, field: field, words: words)))
        }
        guard case .text(var octets) = line else {
            return refused("the line is longer than \(Self.longestLine) bytes; is it one user a line?")
        }
        // A mark that some editors write before the first line (RFC 8259 §8.1 lets a reader pass over it).
        if number == 1, octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
        guard octets.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }), let text = String(validating: octets, as: UTF8.self)
        else { return refused("the line has control characters or is not UTF-8; save the file as UTF-8") }
        guard !text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return .success(nil) }
        if let (field, earlier) = repeated(octets) {
            return refused("the \(field) stands in line \(earlier) already; keep one of the two lines", field)
        }
        return .success(text)
    }

    /// What tells two lines of one person apart from two persons.
    private struct Names: Decodable {
        let id: String?
        let externalID: String?
        let email: String?

        enum CodingKeys: String, CodingKey {
            case id, email
            case externalID = "external_id"
        }
    }

    /// The field that an earlier line has with the same value, and that line.  What cannot be read here is judged by the
    /// API, with better words.
    private mutating func repeated(_ octets: [UInt8]) -> (field: String, line: Int32)? {
        guard let names = try? JSONDecoder().decode(Names.self, from: Data(octets)) else { return nil }
        let values = [
            ("id", names.id.flatMap { UserID($0)?.description }), ("external_id", names.externalID),
            ("email", names.email.flatMap { NormalizedEmail($0)?.text }),
        ]
        let prints = values.compactMap { field, value in value.map { (field, Fingerprint(field, $0)) } }
        for (field, print) in prints {
            if let line = seen[print] { return (field, line) }
        }
        for (_, print) in prints { seen[print] = Int32(number) }
        return nil
    }
}
