import COpenSSL
import Synchronization

/// The keys of TLS session tickets (RFC 5077, RFC 8446 §4.6.1), shared by all loops and listeners, and
/// rotated: the current one seals, it and the two before it open.
///
/// Forward secrecy of resumed TLS 1.2 sessions lasts as long as a key is kept: three periods.
public final class TicketKeys: Sendable {
    /// How long a key seals.
    public static let periodMilliseconds: UInt64 = 4 * 3_600_000

    private struct Key: Sendable {
        var name = SecureRandom.bytes(16)
        var cipher = SecureRandom.bytes(32)
        var mac = SecureRandom.bytes(32)
        static let size = 80

        var octets: [UInt8] { name + cipher + mac }
    }

    private static let mostKeys = 3

    private struct State {
        var keys: [Key]
        var rotatedAt: UInt64
    }

    private let state: Mutex<State>

    /// - Parameter now: monotonic milliseconds.
    public init(now: UInt64) { state = Mutex(State(keys: [Key()], rotatedAt: now)) }

    /// Keys that `handedOver` of another process on this machine gave; nil where it is not that.
    public init?(handedOver bytes: [UInt8]) {
        guard bytes.count > 8, (bytes.count - 8).isMultiple(of: Key.size), bytes.count <= 8 + Key.size * Self.mostKeys
        else { return nil }
        let rotatedAt = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let keys = stride(from: 8, to: bytes.count, by: Key.size).map { start in
            Key(
                name: Array(bytes[start..<start + 16]), cipher: Array(bytes[start + 16..<start + 48]),
                mac: Array(bytes[start + 48..<start + Key.size]))
        }
        state = Mutex(State(keys: keys, rotatedAt: rotatedAt))
    }

    /// Everything, for the process that takes over from this one and for nobody else: with it, clients resume there.  When
    /// the keys were rotated (monotonic milliseconds, big-endian), and each key.
    public func handedOver() -> [UInt8] {
        state.withLock { state in
            (0..<8).map { UInt8(truncatingIfNeeded: state.rotatedAt >> UInt64(56 - 8 * $0)) }
                + state.keys.flatMap(\.octets)
        }
    }

    /// Makes a new key the current one if the period is over.
    /// - Parameter now: monotonic milliseconds.
    public func rotate(now: UInt64) {
        state.withLock { state in
            guard now >= state.rotatedAt + Self.periodMilliseconds else { return }
            state.keys.insert(Key(), at: 0)
            if state.keys.count > Self.mostKeys { state.keys.removeLast() }
            state.rotatedAt = now
        }
    }

    /// Keys held, 1…3.
    public var count: Int { state.withLock { $0.keys.count } }

    /// The callback's body: writes name (16), cipher key (32) and MAC key (32).
    /// - Returns: 0 unknown, 1 current, 2 older.
    func find(
        _ wanted: UnsafePointer<UInt8>?, _ name: UnsafeMutablePointer<UInt8>, _ cipher: UnsafeMutablePointer<UInt8>,
        _ mac: UnsafeMutablePointer<UInt8>
    ) -> Int32 {
        let keys = state.withLock { $0.keys }
        var index = 0
        if let wanted = unsafe wanted {
            while index < keys.count {
                // `wanted` points at the 16 bytes of a ticket's key name.
                var isSame = true
                for position in 0..<16 where unsafe wanted[position] != keys[index].name[position] { isSame = false }
                if isSame { break }
                index += 1
            }
            guard index < keys.count else { return 0 }
        }
        for position in 0..<16 { unsafe name[position] = keys[index].name[position] }
        for position in 0..<32 { unsafe cipher[position] = keys[index].cipher[position] }
        for position in 0..<32 { unsafe mac[position] = keys[index].mac[position] }
        return index == 0 ? 1 : 2
    }
}
