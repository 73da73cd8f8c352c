import Core
import Foundation
import HostCrypto
import Store

@testable import Login

extension LoginWorld {
    /// Keeps every rule of `passwords`, and is nobody's yet.
    static let newPassword = "Seven-Herons_4-Lunch"

    /// What the ways to set a password need; mails are configured.
    func passwords() -> PasswordServices {
        settings.change { $0.mail = MailSettings(publicHost: "app.example.org", port: 8443) }
        let (clock, settings) = (clock, settings)
        return PasswordServices(
            store: store, throttle: throttle, hashes: hashes, settings: { settings.value },
            policy: {
                var world = PolicyWorld()
                world.settings = settings.value.password
                return world.policy
            },
            post: LinkPost(
                origin: { PortalOrigin(publicHost: "app.example.org", port: 8443) }, mail: { settings.value.mail },
                now: { clock.wall() }),
            now: { clock.wall() }, clock: { clock.monotonic() })
    }

    /// Nobody of the tenant signs in by password any more.
    func forbidPasswords(in tenant: TenantStore) async throws {
        try await store.tenants.update(tenant.tenant, audit: entry("tenant.changed"), at: clock.wall()) {
            $0.signIn = SignInRule(methods: [])
        }
    }

    /// Takes the letters of a tenant that wait, the oldest first.
    func letters(_ tenant: TenantStore) async throws -> [Letter] {
        var letters: [Letter] = []
        while let taken = try await tenant.outbox.take(
            at: clock.wall(), until: clock.wall().advanced(by: .hours(1000)))
        {
            letters.append(taken.letter)
        }
        return letters
    }

    /// A link made just now, and the visit of whoever follows it.
    func link(
        _ purpose: LinkPurpose, to user: User, in store: TenantStore, host: String? = "acme",
        from address: String = "203.0.113.7"
    ) async throws -> LinkVisit {
        guard let tenant = try await self.store.tenants.find(store.tenant) else { throw Missing() }
        let issued = try await passwords().post.issue(
            purpose, to: user, of: tenant, in: store, language: "en",
            audit: entry("link.issued", subject: user.id))
        guard let mark = issued.link.range(of: "?token=") else { throw Missing() }
        return try visit(String(issued.link[mark.upperBound...]), host: host, from: address)
    }

    func visit(_ token: String, host: String? = "acme", from address: String = "203.0.113.7") throws -> LinkVisit {
        LinkVisit(
            token: token, hostTenant: try host.map { try tenantID($0) }, client: try clientAddress(address),
            userAgent: "Firefox", language: "en")
    }
}

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

extension LinkPasswordOutcome {
    /// A word for each, so that they can be compared.
    var word: String {
        switch self {
        case .done: "done"
        case .refused(_, let verdict): "refused: " + verdict.broken.map(\.code).joined(separator: ",")
        case .spent: "spent"
        case .unusable: "unusable"
        case .throttled: "throttled"
        case .busy: "busy"
        case .unavailable: "unavailable"
        }
    }
}

extension LinkOutcome {
    var owner: LinkOwner? {
        if case .usable(let owner) = self { owner } else { nil }
    }
}
