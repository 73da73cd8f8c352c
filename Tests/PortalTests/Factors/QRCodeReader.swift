@testable import Portal

/// Reads a QR code of level M, versions 1 to 20, in byte mode, by ISO/IEC 18004 alone: what it understands, a telephone
/// understands.  It mends nothing: a wrong module is no code.
struct QRCodeReader {
    enum Fault: Error, Hashable {
        case size, finder, formatCopies, level, mask, remainder, mode, length, text
    }

    private let rows: [[Bool]]
    private let version: Int
    private var side: Int { rows.count }

    /// What the code says.
    static func text(_ rows: [[Bool]]) throws -> String { try QRCodeReader(rows).text() }

    private init(_ rows: [[Bool]]) throws {
        self.rows = rows
        guard rows.count >= 21, (rows.count - 17) % 4 == 0, rows.allSatisfy({ $0.count == rows.count }) else {
            throw Fault.size
        }
        version = (rows.count - 17) / 4
        guard version < Self.blocks.count else { throw Fault.size }
    }

    // Level M of table 9: error correction codewords of a block, then how many blocks of how many data codewords.
    private static let blocks: [(correction: Int, groups: [(count: Int, data: Int)])] = [
        (0, []), (10, [(1, 16)]), (16, [(1, 28)]), (26, [(1, 44)]), (18, [(2, 32)]), (24, [(2, 43)]), (16, [(4, 27)]),
        (18, [(4, 31)]), (22, [(2, 38), (2, 39)]), (22, [(3, 36), (2, 37)]), (26, [(4, 43), (1, 44)]),
        (30, [(1, 50), (4, 51)]), (22, [(6, 36), (2, 37)]), (22, [(8, 37), (1, 38)]), (24, [(4, 40), (5, 41)]),
        (24, [(5, 41), (5, 42)]), (28, [(7, 45), (3, 46)]), (28, [(10, 46), (1, 47)]), (26, [(9, 43), (4, 44)]),
        (26, [(3, 44), (11, 45)]), (26, [(3, 41), (13, 42)]),
    ]
    // Annex E: where the centres of the alignment patterns are.
    private static let centres: [[Int]] = [
        [], [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
        [6, 30, 54], [6, 32, 58], [6, 34, 62], [6, 26, 46, 66], [6, 26, 48, 70], [6, 26, 50, 74], [6, 30, 54, 78],
        [6, 30, 56, 82], [6, 30, 58, 86], [6, 34, 62, 90],
    ]

    private func text() throws -> String {
        for (row, column) in [(0, 0), (0, side - 7), (side - 7, 0)] { try checkFinder(row, column) }
        let mask = try mask()
        let codewords = codewords(mask)
        var bits = try data(codewords).flatMap { octet in (0..<8).map { octet >> (7 - $0) & 1 } }[...]
        func take(_ count: Int) throws -> Int {
            guard bits.count >= count else { throw Fault.length }
            defer { bits = bits.dropFirst(count) }
            return bits.prefix(count).reduce(0) { $0 << 1 | Int($1) }
        }
        guard try take(4) == 0b0100 else { throw Fault.mode }
        let count = try take(version < 10 ? 8 : 16)
        let octets = try (0..<count).map { _ in UInt8(try take(8)) }
        guard let text = String(validating: octets, as: UTF8.self) else { throw Fault.text }
        return text
    }

    /// §6.3.3.
    private func checkFinder(_ top: Int, _ left: Int) throws {
        for row in 0..<7 {
            for column in 0..<7 {
                let ring = max(abs(row - 3), abs(column - 3))
                guard rows[top + row][left + column] == (ring != 2) else { throw Fault.finder }
            }
        }
    }

    /// §7.9: both copies of the format information, the level and the mask in them.
    private func mask() throws -> Int {
        let first = (0...5).map { (8, $0) } + [(8, 7), (8, 8), (7, 8)] + (0...5).reversed().map { ($0, 8) }
        let second = (1...7).map { (side - $0, 8) } + (0...7).map { (8, side - 8 + $0) }
        func read(_ places: [(Int, Int)]) -> Int { places.reduce(0) { $0 << 1 | (rows[$1.0][$1.1] ? 1 : 0) } }
        let format = read(first) ^ 0b101_0100_0001_0010
        guard read(first) == read(second) else { throw Fault.formatCopies }
        // Annex C: the remainder by the generator polynomial is zero.
        var remainder = format
        for bit in (10..<15).reversed() where remainder >> bit & 1 == 1 { remainder ^= 0b101_0011_0111 << (bit - 10) }
        guard remainder == 0 else { throw Fault.mask }
        guard format >> 13 == 0 else { throw Fault.level }
        return format >> 10 & 0b111
    }

    /// True where a module carries no data.
    private func isFunction(_ row: Int, _ column: Int) -> Bool {
        if row == 6 || column == 6 { return true }
        if row < 9, column < 9 || column >= side - 8 { return true }
        if row >= side - 8, column < 9 { return true }
        if version >= 7, row < 6 && column >= side - 11 || column < 6 && row >= side - 11 { return true }
        let centres = Self.centres[version]
        for y in centres {
            for x in centres {
                let isAtFinder = (y, x) == (6, 6) || (y == 6 && x == centres.last) || (x == 6 && y == centres.last)
                if !isAtFinder, abs(row - y) <= 2, abs(column - x) <= 2 { return true }
            }
        }
        return false
    }

    /// §7.8.2, table 10.
    private func isFlipped(_ mask: Int, _ i: Int, _ j: Int) -> Bool {
        switch mask {
        case 0: (i + j) % 2 == 0
        case 1: i % 2 == 0
        case 2: j % 3 == 0
        case 3: (i + j) % 3 == 0
        case 4: (i / 2 + j / 3) % 2 == 0
        case 5: i * j % 2 + i * j % 3 == 0
        case 6: (i * j % 2 + i * j % 3) % 2 == 0
        default: ((i + j) % 2 + i * j % 3) % 2 == 0
        }
    }

    /// §7.7.3: two columns at a time, from the right, up and down by turns.
    private func codewords(_ mask: Int) -> [UInt8] {
        var bits: [UInt8] = []
        var isUpward = true
        for right in Array((7..<side).reversed().striding(by: 2)) + [5, 3, 1] {
            for row in isUpward ? Array((0..<side).reversed()) : Array(0..<side) {
                for column in [right, right - 1] where !isFunction(row, column) {
                    bits.append(rows[row][column] != isFlipped(mask, row, column) ? 1 : 0)
                }
            }
            isUpward.toggle()
        }
        return (0..<bits.count / 8).map { index in bits[index * 8..<index * 8 + 8].reduce(0) { $0 << 1 | $1 } }
    }

    /// §7.6: the blocks apart, each with a remainder of nothing.
    private func data(_ codewords: [UInt8]) throws -> [UInt8] {
        let (correction, groups) = Self.blocks[version]
        let lengths = groups.flatMap { [Int](repeating: $0.data, count: $0.count) }
        guard codewords.count == lengths.reduce(0, +) + correction * lengths.count else { throw Fault.size }
        var blocks = [[UInt8]](repeating: [], count: lengths.count)
        var next = codewords.makeIterator()
        for index in 0..<(lengths.max() ?? 0) {
            for block in lengths.indices where index < lengths[block] {
                if let codeword = next.next() { blocks[block].append(codeword) }
            }
        }
        let plain = blocks.flatMap(\.self)
        for _ in 0..<correction {
            for block in lengths.indices {
                if let codeword = next.next() { blocks[block].append(codeword) }
            }
        }
        for block in blocks {
            for power in 0..<correction {
                let point = (0..<power).reduce(UInt8(1)) { value, _ in Self.times(value, 2) }
                guard block.reduce(UInt8(0), { Self.times($0, point) ^ $1 }) == 0 else { throw Fault.remainder }
            }
        }
        return plain
    }

    /// In GF(2⁸) with the polynomial of §7.5.2.
    private static func times(_ one: UInt8, _ other: UInt8) -> UInt8 {
        (0..<8).reversed().reduce(UInt8(0)) { value, bit in
            let doubled = value << 1 ^ (value & 0x80 == 0 ? 0 : 0x1D)
            return other >> bit & 1 == 1 ? doubled ^ one : doubled
        }
    }
}

extension Sequence {
    /// Every `step`th element, beginning with the first.
    fileprivate func striding(by step: Int) -> [Element] {
        enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }
}
