import Core
import HostCrypto
import Store

/// Fills a tenant with sessions of many members, for whoever wants to know what a large store costs.
///
/// Prints the token of so many of them that `shown` are known, spread evenly over all.
func fill(_ tenant: TenantStore, sessions count: Int, shown: Int, at now: WallTime) async throws {
    let ofEach = 100
    let stride = max(1, count / max(1, shown))
    let expiresAt = WallTime(milliseconds: now.milliseconds + 12 * 60 * 60 * 1000)
    var made = 0
    while made < count {
        let user = User(email: "\(SecureRandom.token(byteCount: 9))@acme.example", name: "Many Sessions")
        _ = try await tenant.users.create(
            user, audit: AuditEntry(action: "user.created", actor: .operator, subject: user.id), at: now)
        let batch = min(ofEach, count - made)
        let first = made
        let id = user.id
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<batch {
                group.addTask {
                    let text = "\(tenant.tenant).\(SecureRandom.token())"
                    guard let digest = TokenDigest(SHA256Digest.bytes(Array(text.utf8))) else { return }
                    _ = try await tenant.sessions.create(
                        user: id, token: digest, factors: [ProvedFactor(.password, at: now)], expiresAt: expiresAt,
                        audit: AuditEntry(action: "login.succeeded", actor: .user(id), subject: id), at: now)
                    if (first + place) % stride == 0 { line("token \(text)") }
                }
            }
            try await group.waitForAll()
        }
        made += batch
    }
    line("filled \(made)")
}
