/// A file of SHA-1 hashes of stolen passwords, looked up by halving, never read as a whole: 40 GB cost about thirty
/// reads of some bytes.
///
/// Two forms are known by their first bytes; D0016 has both.  Text is what Have I Been Pwned's downloader writes: one
/// `HASH:COUNT` a line, 40 hexadecimal digits, in ascending order.  The compact form begins with `magic` and has the
/// first 8 bytes of each hash, ascending: a sixth of the size, and one password in 10^10 is refused for no reason.
public struct BreachFile: Sendable, Hashable {
    /// The first bytes of the compact form; the hashes follow.
    static let magic: [UInt8] = Array("gatehouse-sha1-8".utf8)
    /// Bytes of a hash in the compact form.
    static let compactWidth = 8
    /// Digits of a hash in the text form.
    static let digits = 40
    /// Bytes of a line, its end included.
    static let longestLine = 64
    /// Places that `check` looks at, beside the first and the last line.
    static let samples = 256

    /// Why a file is no list of hashes.
    public enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// The system's words.
        case unreadable(String)
        case isNoFile
        case isEmpty
        /// At this byte there is no line of the form.
        case malformed(offset: Int)
        /// At this byte stands a hash that belongs before one that is found earlier.
        case unordered(offset: Int)
        /// The compact form ends in the middle of a hash.
        case isCut

        public var description: String {
            switch self {
            case .unreadable(let words): "the file cannot be read: \(words)"
            case .isNoFile: "this is no regular file"
            case .isEmpty: "the file holds no hash"
            case .malformed(let offset): "at byte \(offset) there is no line HASH:COUNT with 40 hexadecimal digits"
            case .unordered(let offset): "the hash at byte \(offset) is smaller than one before it"
            case .isCut: "the file ends in the middle of a hash"
            }
        }
    }

    public let path: String

    public init(path: String) { self.path = path }

    /// Whether the hash is there.
    /// - Parameter digest: 40 capital hexadecimal digits.
    func find(_ digest: [UInt8]) -> Result<Bool, Fault> {
        do throws(Fault) {
            let reading = try BreachReading(path: path)
            if let count = try reading.compactCount {
                return .success(try find(Self.compact(digest), in: reading, count))
            }
            return .success(try find(digest, in: reading))
        } catch {
            return .failure(error)
        }
    }

    /// Looks at the beginning, the end and 256 places between: form and order.
    public func check() throws(Fault) {
        let reading = try BreachReading(path: path)
        let compact = try reading.compactCount
        let size = compact ?? reading.size
        var last: [UInt8] = []
        for sample in 0...Self.samples {
            let offset = min(size - 1, Int(Double(size) / Double(Self.samples) * Double(sample)))
            let place: Int
            let hash: [UInt8]
            if compact != nil {
                place = Self.magic.count + offset * Self.compactWidth
                hash = try reading.bytes(at: place, Self.compactWidth)
            } else {
                guard let line = try line(from: offset, in: reading) else { break }
                (place, hash) = line
            }
            guard last.isEmpty || !hash.lexicographicallyPrecedes(last) else { throw .unordered(offset: place) }
            last = hash
        }
        guard compact == nil else { return }
        // The last lines, one by one.
        var offset = max(0, size - 4 * Self.longestLine)
        last = []
        while let line = try line(from: offset, in: reading) {
            guard !line.hash.lexicographicallyPrecedes(last) else { throw .unordered(offset: line.offset) }
            last = line.hash
            offset = line.offset + 1
        }
    }

    // MARK: Compact

    private func find(_ hash: [UInt8], in reading: BreachReading, _ count: Int) throws(Fault) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            let found = try reading.bytes(at: Self.magic.count + middle * Self.compactWidth, Self.compactWidth)
            if found == hash { return true }
            if found.lexicographicallyPrecedes(hash) { low = middle + 1 } else { high = middle }
        }
        return false
    }

    private static func compact(_ digest: [UInt8]) -> [UInt8] {
        stride(from: 0, to: 2 * compactWidth, by: 2).map { index in
            value(digest[index]) << 4 | value(digest[index + 1])
        }
    }

    private static func value(_ digit: UInt8) -> UInt8 { digit < 0x41 ? digit - 0x30 : digit - 0x41 + 10 }

    // MARK: Text

    /// Finds the first place from which on no smaller hash begins; there it stands, or nowhere.
    private func find(_ digest: [UInt8], in reading: BreachReading) throws(Fault) -> Bool {
        var (low, high) = (0, reading.size)
        while low < high {
            let middle = low + (high - low) / 2
            guard let line = try line(from: middle, in: reading) else {
                high = middle
                continue
            }
            if line.hash == digest { return true }
            if line.hash.lexicographicallyPrecedes(digest) { low = line.offset + 1 } else { high = middle }
        }
        return false
    }

    /// The first line that begins at `offset` or behind it; nil where there is none.
    private func line(from offset: Int, in reading: BreachReading) throws(Fault) -> (offset: Int, hash: [UInt8])? {
        // From the byte before: where that ends a line, the next begins at `offset` itself.
        let begin = max(0, offset - 1)
        let bytes = try reading.bytes(at: begin, min(reading.size - begin, 3 * Self.longestLine))
        var start = 0
        if offset > 0 {
            guard let end = bytes.prefix(Self.longestLine).firstIndex(of: 0x0A) else {
                guard bytes.count <= Self.longestLine else { throw .malformed(offset: begin) }
                return nil
            }
            start = end + 1
        }
        let place = begin + start
        guard place < reading.size else { return nil }
        let digits = bytes[start...].prefix(Self.digits)
        guard digits.count == Self.digits, digits.allSatisfy(Self.isDigit) else { throw .malformed(offset: place) }
        let end = bytes[start...].dropFirst(Self.digits).first
        guard end == nil || end == 0x3A || end == 0x0A || end == 0x0D else { throw .malformed(offset: place) }
        return (place, digits.map(Self.capital))
    }

    private static func isDigit(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x46).contains(octet) || (0x61...0x66).contains(octet)
    }

    /// A hexadecimal digit in its capital form.
    static func capital(_ digit: UInt8) -> UInt8 { digit >= 0x61 ? digit - 0x20 : digit }
}
