import Login
import Store

extension SSOSteps {
    init(_ sso: SingleSignOn, connections: SSOConnections) {
        self.init(
            offers: { tenant in sso.offers(at: tenant) },
            route: { email, tenant in await sso.route(of: email, at: tenant) },
            entry: { host, tenant in sso.entry(at: host, of: tenant) },
            beginAddress: { offer, begin in
                connections.addresses(of: offer.name, of: offer.tenant).map { begin.address(on: $0.login) }
            },
            origin: { session, tenant in await sso.origin(of: session, in: tenant)?.connection },
            links: { user, tenant in await sso.links(of: user, in: tenant) },
            completeLink: { link, signedIn, visit in await sso.completeLink(link, by: signedIn, visit: visit) },
            displayName: { name, tenant in
                connections.settings(of: tenant).first { $0.name == name }?.displayName
            },
            metadata: { name, tenant in
                do {
                    return try await connections.ownMetadata(of: name, of: tenant).map { .document($0) } ?? .unknown
                } catch is ConnectionFault {
                    return .unavailable(reason: SSOReason.keysUnavailable.rawValue)
                } catch {
                    return .unavailable(reason: SSOReason.storeUnavailable.rawValue)
                }
            },
            begin: { name, tenant, purpose, begin, language in
                await sso.begin(
                    name, of: tenant, purpose: purpose, returnTo: begin.returnTo, isRemembered: begin.isRemembered,
                    language: language)
            },
            receive: { answer, attempts in await sso.receive(answer, attempts: attempts) },
            sessionOrigin: { session, tenant in await sso.origin(of: session, in: tenant) },
            logout: { origin, tenant, nextIndex in await sso.logout(origin, in: tenant, nextIndex: nextIndex) },
            receiveLogout: { message in await sso.receiveLogout(message) })
    }
}
