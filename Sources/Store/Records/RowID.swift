public import Core
import HostCrypto

/// The id of a row: a UUID version 7 (RFC 9562 §5.7), made before the row is written; rows of one moment lie side by
/// side in the file.
public struct RowID: Hashable, Sendable, CustomStringConvertible {
    /// 16 bytes in network order.
    let octets: [UInt8]

    /// A new id for a row made at `now`.
    public init(at now: WallTime) {
        var octets = SecureRandom.bytes(16)
        let time = UInt64(bitPattern: max(0, now.milliseconds))
        for index in 0..<6 { octets[index] = UInt8(truncatingIfNeeded: time >> UInt64(40 - 8 * index)) }
        octets[6] = octets[6] & 0x0F | 0x70
        octets[8] = octets[8] & 0x3F | 0x80
        self.octets = octets
    }

    /// Reads the text form; nil for anything but a UUID.
    public init?(_ text: String) {
        guard let id = UserID(text) else { return nil }
        octets = id.octets
    }

    init?(octets: [UInt8]) {
        guard octets.count == 16 else { return nil }
        self.octets = octets
    }

    /// The text form of RFC 9562 §4, lower-case.
    public var description: String { UserID(octets: octets)?.description ?? "" }
}

extension UserID {
    /// A new random id: a UUID version 4 (RFC 9562 §5.4).
    public static func random() -> UserID {
        UserID(
            high: SecureRandom.number() & ~0xF000 | 0x4000,
            low: SecureRandom.number() & (1 << 62 - 1) | 1 << 63)
    }

    /// 16 bytes in network order.
    var octets: [UInt8] { Int64(bitPattern: high).bigEndianOctets + Int64(bitPattern: low).bigEndianOctets }

    init?(octets: [UInt8]) {
        guard octets.count == 16 else { return nil }
        self.init(
            high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
