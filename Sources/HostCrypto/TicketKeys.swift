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
        let name = SecureRandom.bytes(16)
        let cipher = SecureRandom.bytes(32)
        let mac = SecureRandom.bytes(32)
    }

    private struct State {
        var keys: [Key]
        var rotatedAt: UInt64
    }

    private let state: Mutex<State>

    /// - Parameter now: monotonic milliseconds.
    public init(now: UInt64) { state = Mutex(State(keys: [Key()], rotatedAt: now)) }

    /// Makes a new key the current one if the period is over.
    /// - Parameter now: monotonic milliseconds.
    public func rotate(now: UInt64) {
        state.withLock { state in
            guard now >= state.rotatedAt + Self.periodMilliseconds else { return }
            state.keys.insert(Key(), at: 0)
            if state.keys.count > 3 { state.keys.removeLast() }
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
