import Core
import HTTPWire

/// What must hold for every run of bytes that a balancer may begin a connection with.
public enum ProxyHeaderLaws {
    /// - Throws: `LawBroken`.
    public static func check(_ bytes: [UInt8]) throws {
        let whole = ProxyHeader.read(bytes.span.bytes)
        // 1. However the bytes arrive, the outcome is the same, and nothing that follows changes it.
        var settled: ProxyHeader.Outcome?
        for count in 0...bytes.count {
            let prefix = Array(bytes[0..<count])
            let outcome = ProxyHeader.read(prefix.span.bytes)
            if let settled, outcome != settled { throw LawBroken("\(settled) becomes \(outcome) at \(count)", bytes) }
            if outcome != .incomplete { settled = outcome }
        }
        guard settled ?? .incomplete == whole else { throw LawBroken("\(whole) was never reached", bytes) }
        // 2. It is never waited for without bound, and ends within what was sent.
        switch whole {
        case .incomplete:
            guard bytes.count < ProxyHeader.longest else { throw LawBroken("it never ends", bytes) }
        case .complete(let length, _):
            guard (14...min(bytes.count, ProxyHeader.longest)).contains(length) else {
                throw LawBroken("it ends at \(length)", bytes)
            }
        case .malformed: break
        }
    }
}
