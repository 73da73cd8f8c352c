import Access
import Core
import EventLoop
import Foundation
import HostCrypto

/// Somebody who is signed in, with the token in their cookie.
struct Member: Sendable, Hashable {
    var token: String
    var tenant: String
    var roles: [String] = ["user"]
    var factors: [Factor] = [.password]

    /// A user of the tenant acme.
    static let user = Member(token: "token-of-a-user-of-acme-0001", tenant: "acme")
    /// An administrator of the tenant acme.
    static let admin = Member(token: "token-of-an-admin-of-acme-01", tenant: "acme", roles: ["user", "admin"])
    /// A user of the tenant globex.
    static let stranger = Member(token: "token-of-a-user-of-globex-01", tenant: "globex")
    static let all = [user, admin, stranger]

    /// The key of the session table.
    var key: SessionKey { Self.key(token) }

    static func key(_ token: String) -> SessionKey {
        guard let key = SessionKey(digest: SHA256Digest.bytes(Array(token.utf8)).span) else {
            fatalError("a digest has 32 bytes")
        }
        return key
    }

    /// `s-` and the last digits of the token.
    var handle: SessionHandle {
        guard let handle = SessionHandle("s-" + String(token.suffix(12))) else { fatalError("malformed handle") }
        return handle
    }

    var entry: SessionEntry {
        let now = MonotonicInstant(milliseconds: SystemClock.monotonicMilliseconds)
        guard let tenant = TenantID(tenant) else { fatalError("malformed tenant") }
        return SessionEntry(
            handle: handle, tenant: tenant, user: UserID(high: 7, low: 7), email: "somebody@acme.example",
            name: "Somebody", roles: roles.compactMap(RoleName.init), assurance: Assurance(factors, at: now),
            lastUse: now, idleLimit: .hours(12), absoluteDeadline: now.advanced(by: .hours(12)))
    }
}
