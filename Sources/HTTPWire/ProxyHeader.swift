public import Core

/// The PROXY protocol's header (haproxy.org, proxy-protocol.txt), versions 1 and 2: by it a balancer says, before the first
/// byte of TLS, from whom the connection is.
public enum ProxyHeader {
    /// What the bytes of a connection begin with.
    public enum Outcome: Sendable, Hashable {
        /// More must come.
        case incomplete
        /// The header's bytes, and the client; nil where the balancer speaks for itself (`LOCAL`, `UNKNOWN`).
        case complete(length: Int, client: ClientAddress?)
        /// There is no header, or none that can be believed.
        case malformed
    }

    /// Most bytes of a header of version 2, with what balancers add to it; version 1 has 107 at most.
    public static let longest = 2048
    static let longestLine = 107
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let word: [UInt8] = Array("PROXY ".utf8)

    /// Reads the header at the beginning of `bytes`, everything that the connection has sent.
    public static func read(_ bytes: RawSpan) -> Outcome {
        guard !bytes.isEmpty else { return .incomplete }
        return bytes.octet(0) == signature[0] ? readBinary(bytes) : readLine(bytes)
    }

    /// Whether the bytes begin like `prefix`; nil where there are too few to tell.
    private static func begins(_ bytes: RawSpan, _ prefix: [UInt8]) -> Bool? {
        for index in prefix.indices {
            guard index < bytes.byteCount else { return nil }
            guard bytes.octet(index) == prefix[index] else { return false }
        }
        return true
    }

    // MARK: Version 1

    /// `PROXY TCP4 192.0.2.7 192.0.2.1 49152 443`, CRLF.
    private static func readLine(_ bytes: RawSpan) -> Outcome {
        switch begins(bytes, word) {
        case nil: return .incomplete
        case false: return .malformed
        default: break
        }
        var line: [UInt8] = []
        for index in 0..<min(bytes.byteCount, longestLine) {
            let octet = bytes.octet(index)
            if octet == 0x0A {
                guard line.popLast() == 0x0D else { return .malformed }
                return outcome(line, length: index + 1)
            }
            line.append(octet)
        }
        return bytes.byteCount < longestLine ? .incomplete : .malformed
    }

    private static func outcome(_ line: [UInt8], length: Int) -> Outcome {
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false).map { Array($0) }
        let family = words.count < 2 ? "" : String(decoding: words[1], as: UTF8.self)
        if family == "UNKNOWN" { return .complete(length: length, client: nil) }
        guard family == "TCP4" || family == "TCP6", words.count == 6, isPort(words[4]), isPort(words[5]),
            let source = address(words[2], family), address(words[3], family) != nil
        else { return .malformed }
        return .complete(length: length, client: source)
    }

    private static func address(_ word: [UInt8], _ family: String) -> ClientAddress? {
        guard word.contains(UInt8(ascii: ":")) == (family == "TCP6") else { return nil }
        return ClientAddress(octets: word.span)
    }

    private static func isPort(_ word: [UInt8]) -> Bool {
        guard (1...5).contains(word.count), word.count == 1 || word[0] != 0x30 else { return false }
        var number = 0
        for octet in word {
            guard (0x30...0x39).contains(octet) else { return false }
            number = number * 10 + Int(octet - 0x30)
        }
        return number <= 65_535
    }

    // MARK: Version 2

    private static func readBinary(_ bytes: RawSpan) -> Outcome {
        switch begins(bytes, signature) {
        case nil: return .incomplete
        case false: return .malformed
        default: break
        }
        guard bytes.byteCount >= 16 else { return .incomplete }
        let (command, family) = (bytes.octet(12), bytes.octet(13))
        let length = 16 + Int(bytes.octet(14)) << 8 + Int(bytes.octet(15))
        guard command == 0x20 || command == 0x21, length <= longest else { return .malformed }
        guard bytes.byteCount >= length else { return .incomplete }
        guard command == 0x21 else { return .complete(length: length, client: nil) }
        switch family {
        case 0x11 where length >= 16 + 12:
            let address = number(bytes, at: 16, octets: 4)
            return .complete(length: length, client: ClientAddress(ipv4: UInt32(truncatingIfNeeded: address)))
        case 0x21 where length >= 16 + 36:
            let (high, low) = (number(bytes, at: 16, octets: 8), number(bytes, at: 24, octets: 8))
            return .complete(length: length, client: ClientAddress(high: high, low: low))
        case 0x00: return .complete(length: length, client: nil)
        default: return .malformed
        }
    }

    /// Whether a complete header of version 2 says that the client speaks TLS with the balancer (PP2_TYPE_SSL, §2.2.6);
    /// nil where it says nothing of it.
    public static func saysTLS(_ bytes: RawSpan) -> Bool? {
        guard bytes.byteCount >= 16, begins(bytes, signature) == true, bytes.octet(12) == 0x21 else { return nil }
        let end = min(bytes.byteCount, 16 + Int(bytes.octet(14)) << 8 + Int(bytes.octet(15)))
        var position: Int
        switch bytes.octet(13) {
        case 0x11: position = 16 + 12
        case 0x21: position = 16 + 36
        default: return nil
        }
        while position + 3 <= end {
            let (type, start) = (bytes.octet(position), position + 3)
            position = start + Int(bytes.octet(position + 1)) << 8 + Int(bytes.octet(position + 2))
            guard position <= end else { return nil }
            if type == 0x20 { return position > start ? bytes.octet(start) & 1 == 1 : nil }
        }
        return nil
    }

    private static func number(_ bytes: RawSpan, at start: Int, octets: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in start..<(start + octets) { number = number << 8 | UInt64(bytes.octet(index)) }
        return number
    }
}
