import Core
import SAML
import Store

/// What was read of the connections, so that a sign-in reads no XML and asks no store for it.
struct ConnectionMemory: Sendable {
    struct ID: Sendable, Hashable {
        let tenant: TenantID
        let name: ConnectionName
    }

    /// A document that was read, and what it says.
    struct Reading: Sendable {
        let document: [UInt8]
        let provider: Result<IdentityProvider, MetadataFault>
    }

    /// What decides whether an address can be asked, beside the address itself.
    struct Asked: Sendable, Hashable {
        let source: MetadataSource
        let allowed: [AddressRange]
    }

    /// Our own metadata, signed, and what it was made of.
    struct OwnDocument: Sendable {
        struct Contents: Sendable, Hashable {
            let addresses: ConnectionAddresses
            let usesSingleLogout: Bool
            let nameIDFormat: NameIDFormat
            /// In DER; the first one is of the key that signs.
            let certificates: [[UInt8]]
        }

        let contents: Contents
        let madeAt: WallTime
        let text: String
    }

    /// What is known of one connection.
    struct Entry: Sendable {
        /// What the store has; nil until it was asked.
        var metadata: StoredMetadata??
        var reading: Reading?
        var keys: OwnKeys?
        var document: OwnDocument?
        /// By what its address was asked last in this process.
        var asked: Asked?
        /// Grows with each write, so that what was read before one does not come back.
        var version = 0
    }

    var entries: [ID: Entry] = [:]
    /// Fetches under way: whoever needs one that has begun waits for it.
    var fetches: [ID: Task<Void, Never>] = [:]
    /// Keys that are being made.
    var makings: [ID: Task<Result<OwnKeys, any Error>, Never>] = [:]
    var metrics = SSOConnections.Metrics()

    /// Forgets connections that are not configured any more.
    mutating func keep(only ids: Set<ID>) {
        for id in entries.keys where !ids.contains(id) { entries[id] = nil }
    }

    mutating func change(_ id: ID, _ body: (inout Entry) -> Void) {
        body(&entries[id, default: Entry()])
    }
}
