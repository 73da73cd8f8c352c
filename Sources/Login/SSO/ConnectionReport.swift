public import Core
import SAML

/// What connections tell the log; nothing of it is personal.
public struct ConnectionReport: Sendable, CustomStringConvertible {
    /// What happened.
    public enum Event: Sendable {
        /// The provider's metadata could not be fetched, or was refused, for another reason than the last time.
        /// - Parameter until: until when the former document can be used; nil where there is none, or it sets no end.
        case metadataFailing(words: String, until: WallTime?)
        /// It can be fetched again.
        case metadataWorking
        /// The certificates that the provider signs with are others, by fingerprint.
        case certificatesChanged(added: [String], removed: [String])
        /// Something ends soon, or has ended.
        case expiring(what: ExpiringThing, fingerprint: String, at: WallTime, days: Int)
        /// Our own keys were made or moved on; in words.
        case keys(String)
        /// The store cannot be used.
        case storeFailing(any Error)
    }

    public let tenant: TenantID
    public let connection: ConnectionName
    public let event: Event

    /// Whether somebody should look at it.
    public var isProblem: Bool {
        switch event {
        case .metadataWorking, .keys: false
        default: true
        }
    }

    /// A sentence without its full stop.
    public var description: String {
        let head = "connection \(connection) of \(tenant): "
        switch event {
        case .metadataFailing(let words, let until):
            let rest = until.map { "; the former document serves until \(SAMLTime.write($0))" } ?? ""
            return head + "the provider's metadata could not be renewed: \(words)\(rest)"
        case .metadataWorking: return head + "the provider's metadata can be fetched again"
        case .certificatesChanged(let added, let removed):
            return head + "the provider signs with other certificates: added \(Self.list(added)), removed "
                + Self.list(removed)
        case .expiring(let what, let fingerprint, let end, let days):
            let name = fingerprint.isEmpty ? what.rawValue : "\(what.rawValue) \(fingerprint)"
            return head + (days <= 0 ? "\(name) has ended at " : "\(name) ends at ") + SAMLTime.write(end)
        case .keys(let words): return head + words
        case .storeFailing(let error): return head + "the store cannot be used: \(error)"
        }
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}

/// What of a connection can end.  The raw value is how letters and the audit log call it.
public enum ExpiringThing: String, CaseIterable, Sendable, Hashable {
    case providerCertificate = "provider certificate"
    case ownCertificate = "own certificate"
    case metadata
}
