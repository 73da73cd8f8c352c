import Store

/// What is known of the keys, as the API shows it.
public struct KeyResource: Codable, Hashable, Sendable {
    /// Names the master key that the data is sealed under, without telling it.
    public let masterKeyFingerprint: String

    enum CodingKeys: String, CodingKey {
        case masterKeyFingerprint = "master_key_fingerprint"
    }
}

/// What an examination of the store found.
public struct VerificationResource: Codable, Hashable, Sendable {
    public let isClean: Bool
    public let tenants: Int
    public let users: Int
    public let sessions: Int
    public let auditEntries: Int64
    /// At most 1000.
    public let findings: [Finding]

    /// One thing that is not as it should be.
    public struct Finding: Codable, Hashable, Sendable {
        /// The file, or the tenant's id.
        public let place: String
        public let words: String
    }

    enum CodingKeys: String, CodingKey {
        case tenants, users, sessions, findings
        case isClean = "is_clean"
        case auditEntries = "audit_entries"
    }

    init(_ report: StoreVerification.Report) {
        isClean = report.isClean
        tenants = report.tenants
        users = report.users
        sessions = report.sessions
        auditEntries = report.auditEntries
        findings = report.findings.map { Finding(place: $0.place, words: $0.words) }
    }
}
