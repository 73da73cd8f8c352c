import Access
import Core
import Foundation
import HTTPTypes
import Login
import Store
import Synchronization
import Testing

@testable import Portal

/// Connections that say what the test tells them to, for the pages of a login and of an account.
final class ConnectionScript: Sendable {
    struct State {
        var offers: [String: [SSOOffer]] = [:]
        /// By domain.
        var routes: [String: SSORoute] = [:]
        /// By host.
        var entries: [String: SSOOffer] = [:]
        var origin: ConnectionName?
        var links: [ConnectionName] = []
        var ways = SignInWays()
        /// Whose passwords count for nothing.
        var withoutPassword: Set<String> = []
        /// Every address whose route was asked for.
        var asked: [String] = []
    }

    static let okta = "okta"
    private let state = Mutex(State())

    func with<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    static func offer(
        _ name: String = okta, of tenant: String = "acme", called display: String = "Acme <Okta>",
        countsAsMFA: Bool = false
    ) throws -> SSOOffer {
        SSOOffer(
            tenant: try #require(TenantID(tenant)), name: try #require(ConnectionName(name)), displayName: display,
            countsAsMFA: countsAsMFA)
    }

    /// Where a sign-in by acme's connection begins, on a host.
    static func begin(_ query: String = "", name: String = okta, host: String = "app.example.org") -> String {
        "https://\(host)/.gatehouse/saml/acme/\(name)/login\(query)"
    }

    /// What the pages ask.
    /// - Parameter origin: of the tenants' sign-in host.
    func steps(origin: String = "https://app.example.org") -> SSOSteps {
        SSOSteps(
            offers: { tenant in self.with { $0.offers[tenant.text] ?? [] } },
            route: { email, _ in
                self.with { state in
                    state.asked.append(email.text)
                    return state.routes[email.domain] ?? .none
                }
            },
            entry: { host, _ in self.with { $0.entries[host] } },
            beginAddress: { offer, begin in
                origin + SSOPlace(tenant: offer.tenant, connection: offer.name).loginAddress(begin)
            },
            origin: { _, _ in self.with { $0.origin } }, links: { _, _ in self.with { $0.links } },
            completeLink: { _, _, _ in false }, displayName: { _, _ in nil }, metadata: { _, _ in .unknown },
            begin: { _, _, _, _, _ in .unknown }, receive: { _, _ in .unknown }, sessionOrigin: { _, _ in nil },
            logout: { _, _, _ in nil }, receiveLogout: { _ in .unknown })
    }

    /// The services of a world with these connections.
    func services(_ world: LoginWorld, origin: String = "https://app.example.org") -> PortalServices {
        var services = world.services
        services.ssoSteps = steps(origin: origin)
        services.signInWays = { _ in self.with { $0.ways } }
        services.allowsPassword = { email, _ in self.with { !$0.withoutPassword.contains(email.text) } }
        return services
    }
}

/// A world with scripted connections, and a browser before it.
struct ConnectionStage {
    let world: LoginWorld
    let script: ConnectionScript
    var browser: PortalBrowser

    /// - Parameter hostTenant: nil for a shared host.
    init(
        _ world: LoginWorld, hostTenant: TenantID? = LoginWorld.acme, script: ConnectionScript = ConnectionScript(),
        origin: String = "https://app.example.org", change: (inout PortalServices) -> Void = { _ in }
    ) throws {
        (self.world, self.script) = (world, script)
        let okta = try ConnectionScript.offer()
        script.with { $0.offers["acme"] = [okta] }
        var services = script.services(world, origin: origin)
        change(&services)
        browser = PortalBrowser(
            world, router: .standard(pages: try pages(), securityText: nil, services: services))
        browser.hostTenant = hostTenant
    }
}

extension PortalBrowser.Page {
    /// The buttons of connections: name and label, in their order.
    var connections: [String] {
        html.components(separatedBy: "name=\"connection\" value=\"").dropFirst().compactMap { part in
            part.between("\">", "</button>").map { "\(part.prefix { $0 != "\"" }): \($0)" }
        }
    }

    /// Where a page goes on by itself.
    var onward: String? {
        html.between("http-equiv=\"refresh\" content=\"0; url=", "\"").map(PortalBrowser.Page.Form.unescape)
    }
}
