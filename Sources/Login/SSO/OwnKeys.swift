import Core
import SAML
import Store

/// Our keys at one connection.
struct OwnKeys: Sendable {
    struct Entry: Sendable {
        let state: KeyState
        /// When it came to its state.
        let since: WallTime
        /// DER.
        let certificate: [UInt8]
        let key: PrivateKey
        let fingerprint: String
        let notAfter: WallTime
    }

    let entries: [Entry]

    init(_ entries: [Entry]) { self.entries = entries }

    /// - Throws: `ConnectionFault.keysUnusable` where one of them cannot be read.
    init(_ stored: [StoredConnectionKey]) throws(ConnectionFault) {
        var entries: [Entry] = []
        for key in stored { entries.append(try Self.entry(key)) }
        self.init(entries)
    }

    private static func entry(_ stored: StoredConnectionKey) throws(ConnectionFault) -> Entry {
        guard let key = stored.secret.withSecret({ PrivateKey(pem: $0) }), key.fits(certificate: stored.certificate)
        else { throw .keysUnusable("the key \(stored.id) cannot be read, or has another one's certificate") }
        do {
            let details = try VerificationKey(certificate: stored.certificate)
            return Entry(
                state: stored.state, since: stored.since, certificate: stored.certificate, key: key,
                fingerprint: details.fingerprint, notAfter: WallTime(seconds: details.notAfter))
        } catch {
            throw .keysUnusable("the certificate of the key \(stored.id) cannot be read")
        }
    }

    /// Signs.
    var current: Entry? { entries.first { $0.state == .current } }
    /// Will sign.
    var next: Entry? { entries.first { $0.state == .next } }
    /// What our metadata names: the current one first.
    var published: [Entry] { [current, next].compactMap { $0 } }

    /// What may have been used to encrypt for us: of former ones only the latest, since each is tried before it is known
    /// who encrypted.
    func decrypting(at now: WallTime) -> [Entry] {
        let former = entries.filter { $0.state == .former && !$0.isSpent(at: now) }
        return published + former.sorted { $0.since > $1.since }.prefix(SSOConnections.mostFormerKeysTried)
    }
}

extension OwnKeys.Entry {
    /// A former key that decrypts no more.
    func isSpent(at now: WallTime) -> Bool {
        state == .former && since <= OwnKeys.spentBefore(now)
    }
}

extension OwnKeys {
    /// What became a former key before this moment decrypts no more.
    static func spentBefore(_ now: WallTime) -> WallTime {
        let span = Int64(SSOConnections.formerKeyDays) * 86_400_000
        let (moment, overflow) = now.milliseconds.subtractingReportingOverflow(span)
        return WallTime(milliseconds: overflow ? .min : moment)
    }
}

extension WallTime {
    /// So many seconds since 1970; saturates instead of wrapping.
    init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: overflow ? (seconds < 0 ? .min : .max) : product)
    }
}
