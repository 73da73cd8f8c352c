import Access
import Core
import Login
import Portal
import Synchronization

/// `login`, `mail`, `outbound` and where links lead, and of the routes what the pages need, as the last reload left them.
final class CurrentSettings: Sendable {
    private struct State {
        let login: LoginSettings
        let mail: MailDeliverySettings?
        let outbound: OutboundSettings
        let origin: PortalOrigin
        let cookies: ApplicationCookies

        init(_ settings: GatewaySettings, _ connections: @escaping @Sendable () -> TenantConnections) {
            var login = settings.login
            login.plans = login.plans.knowing(connections)
            self.login = login
            (mail, outbound, origin) = (settings.mail, settings.outbound, settings.portalOrigin)
            cookies = ApplicationCookies(settings.access.routes)
        }
    }

    private let state: Mutex<State>
    private let connections: @Sendable () -> TenantConnections

    /// - Parameter connections: those of the moment, whose domains the plans know of.
    init(_ settings: GatewaySettings, connections: @escaping @Sendable () -> TenantConnections) {
        self.connections = connections
        state = Mutex(State(settings, connections))
    }

    var value: LoginSettings { state.withLock { $0.login } }
    var mail: MailDeliverySettings? { state.withLock { $0.mail } }
    var outbound: OutboundSettings { state.withLock { $0.outbound } }
    var origin: PortalOrigin { state.withLock { $0.origin } }
    var applicationCookies: ApplicationCookies { state.withLock { $0.cookies } }

    /// Takes over what a reload has read.
    func take(_ settings: GatewaySettings) {
        let fresh = State(settings, connections)
        state.withLock { $0 = fresh }
    }
}
