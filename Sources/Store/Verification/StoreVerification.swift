import Core

/// An examination of everything that is stored: each file is sound, each sealed row opens, each code holds, each audit
/// chain is whole.
public struct StoreVerification: Sendable {
    /// One thing that is not as it should be.
    public struct Finding: Hashable, Sendable {
        /// The file, or the tenant's id.
        public let place: String
        public let words: String
    }

    /// What was read, and what was found.
    public struct Report: Hashable, Sendable {
        public internal(set) var tenants = 0
        public internal(set) var users = 0
        public internal(set) var sessions = 0
        /// Authenticator apps and passkeys.
        public internal(set) var factors = 0
        public internal(set) var auditEntries: Int64 = 0
        /// At most 1000 are kept.
        public internal(set) var findings: [Finding] = []

        /// Whether nothing was found.
        public var isClean: Bool { findings.isEmpty }

        mutating func add(_ place: String, _ words: String) {
            if findings.count < 1000 { findings.append(Finding(place: place, words: words)) }
        }
    }

    private let store: DataStore

    public init(_ store: DataStore) { self.store = store }

    /// Reads everything.  It runs beside other work; a fault in one tenant does not end it.
    public func run() async -> Report {
        var report = Report()
        await attempt("directory.db", &report) { report in
            for finding in try await store.integrityFindings() { report.add(finding.file, finding.words) }
        }
        await attempt("directory.db", &report) { report in
            var last: ThrottleCounter?
            while true {
                let page = try await store.throttles.list(after: last)
                guard let end = page.last else { break }
                last = end
            }
            try await examine(store.audit, "directory.db", &report)
        }
        var last: TenantID?
        while true {
            var page: [Tenant] = []
            await attempt("directory.db", &report) { _ in page = try await store.tenants.list(after: last) }
            guard let end = page.last else { break }
            for tenant in page {
                report.tenants += 1
                await attempt(tenant.id.text, &report) { report in
                    // What was never used has nothing to examine, and is not made for it.
                    guard try await store.isUsed(tenant.id) else { return }
                    try await examine(try await store.tenant(tenant.id), &report)
                }
            }
            last = end.id
        }
        return report
    }

    private func examine(_ tenant: TenantStore, _ report: inout Report) async throws {
        for words in try await tenant.database.integrityFindings() { report.add(tenant.tenant.text, words) }
        await attempt(tenant.tenant.text, &report) { report in
            var last: UserID?
            while true {
                let page = try await tenant.users.list(after: last)
                guard let end = page.last else { break }
                report.users += page.count
                last = end.id
            }
        }
        await attempt(tenant.tenant.text, &report) { report in
            var last: RowID?
            while true {
                let page = try await tenant.sessions.list(after: last)
                guard let end = page.last else { break }
                report.sessions += page.count
                for session in page { try await tenant.connections.examine(originOf: session) }
                last = end.id
            }
        }
        await attempt(tenant.tenant.text, &report) { _ in try await tenant.connections.examine() }
        await attempt(tenant.tenant.text, &report) { _ in try await tenant.ssoTraces.examine() }
        await attempt(tenant.tenant.text, &report) { _ in try await tenant.sessions.examineTokens() }
        await attempt(tenant.tenant.text, &report) { report in
            var last: UserID?
            while true {
                let page = try await tenant.users.list(after: last)
                guard let end = page.last else { break }
                for user in page { report.factors += try await factors(of: user.id, in: tenant) }
                last = end.id
            }
        }
        try await examine(tenant.audit, tenant.tenant.text, &report)
    }

    /// How many factors a user has, all of them read; none of one who is erased meanwhile.
    private func factors(of user: UserID, in tenant: TenantStore) async throws -> Int {
        do {
            return try await tenant.factors.examine(user)
        } catch StoreConflict.notFound, StoreConflict.erased {
            return 0
        }
    }

    private func examine(_ audit: AuditLog, _ place: String, _ report: inout Report) async throws {
        let chain = try await audit.verify()
        report.auditEntries += chain.count
        if let sequence = chain.brokenAt { report.add(place, "the audit chain does not hold at entry \(sequence)") }
        var last: Int64 = 0
        while true {
            let page = try await audit.entries(after: last)
            guard let end = page.last else { break }
            last = end.sequence
        }
    }

    private func attempt(
        _ place: String, _ report: inout Report, _ body: (inout Report) async throws -> Void
    ) async {
        do { try await body(&report) } catch { report.add(place, "\(error)") }
    }
}
