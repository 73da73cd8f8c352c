/// Which passkeys a tenant accepts.
public struct PasskeyRule: Hashable, Sendable {
    /// What an authenticator has to say of itself (WebAuthn Level 3 §6.5).  The raw value is the configuration's word.
    public enum Attestation: String, CaseIterable, Hashable, Sendable {
        /// Nothing; what it says is not asked for.
        case any
        /// A statement that holds.
        case attested
    }

    /// The relying party id of passkeys that are made from now on; nil chooses the tenant's first host.
    public var rpID: String?
    public var attestation: Attestation
    /// Models that may be used, as lower-case UUIDs; empty allows every model.  At most `longestList`.
    public var allow: [String]
    /// Models that may not be used, as lower-case UUIDs.  At most `longestList`.
    public var deny: [String]

    /// Models of one list, at most.
    public static let longestList = 200

    public init(rpID: String? = nil, attestation: Attestation = .any, allow: [String] = [], deny: [String] = []) {
        self.rpID = rpID
        self.attestation = attestation
        self.allow = allow
        self.deny = deny
    }
}

extension PasskeyRule {
    /// What is written of a rule: nothing of one that says nothing.
    var lists: [[String]] {
        self == PasskeyRule() ? [] : [[rpID ?? "", attestation.rawValue], allow, deny]
    }

    /// Reads what was written; nil for anything else.
    init?(lists: [[String]]) {
        guard lists.count == 3, lists[0].count == 2, let attestation = Attestation(rawValue: lists[0][1]) else {
            return nil
        }
        self.init(
            rpID: lists[0][0].isEmpty ? nil : lists[0][0], attestation: attestation, allow: lists[1], deny: lists[2])
    }
}
