public import Core
import HostCrypto
import SAML

/// A request to a provider.
extension SingleSignOn {
    /// Begins a sign-in at a provider, or a proof anew.
    /// - Parameters:
    ///   - purpose: `.confirm` asks for authentication anew (ForceAuthn), whatever the connection says.
    ///   - language: of the page; empty where it is not known.
    public func begin(
        _ name: ConnectionName, of tenant: TenantID, purpose: SSOPurpose = .signIn, returnTo: SafeRedirect?,
        isRemembered: Bool, language: String
    ) async -> SSODeparture {
        let connection: SSOConnection
        do {
            guard let found = try await connections.connection(name, of: tenant) else { return .unknown }
            connection = found
        } catch {
            return .unavailable(reason: reason(of: error).rawValue)
        }
        let (moment, settings) = (now(), connection.settings)
        let isForced = settings.forcesAuthentication || purpose != .signIn
        let attempt = SSOAttempt(
            id: SecureRandom.bytes(SSOAttempt.idByteCount), requestID: Self.makeMessageID(), tenant: tenant,
            connection: name, beganAt: moment, returnTo: returnTo, isRemembered: isRemembered, purpose: purpose,
            forcedSince: isForced ? moment : nil, language: language)
        guard let (binding, address) = connection.provider.singleSignOn.preferred(settings.requestBinding) else {
            return .unavailable(reason: SSOReason.endpointMissing.rawValue)
        }
        let request = AuthnRequest(
            id: attempt.requestID, issuedAt: moment, entityID: connection.addresses.entityID,
            consumerURL: connection.addresses.acs, destination: address, nameIDFormat: settings.nameIDFormat,
            forcesAuthentication: isForced, contexts: settings.contexts)
        let message: SSOMessage =
            switch binding {
            case .redirect:
                .redirect(to: request.redirect(relayState: attempt.relayState, key: connection.signingKey))
            case .post:
                .post(
                    SSOForm(
                        address: address, field: "SAMLRequest",
                        value: request.field(key: connection.signingKey, certificate: connection.signingCertificate),
                        relayState: attempt.relayState))
            }
        count { $0.begun += 1 }
        return .leaves(message, attempt)
    }

    /// A new xs:ID: 23 characters, 128 random bits.
    static func makeMessageID() -> String { "_" + Base64.encode(SecureRandom.bytes(16), alphabet: .url) }

    /// Why a connection cannot be used now.
    func reason(of error: any Error) -> SSOReason {
        report(error)
        return switch error {
        case ConnectionFault.metadataMissing: .metadataMissing
        case ConnectionFault.metadataExpired: .metadataExpired
        case ConnectionFault.keysUnusable: .keysUnavailable
        default: .storeUnavailable
        }
    }
}

extension [IdentityProvider.Endpoint] {
    /// The endpoint of the binding that is wanted, or else of the other one; nil where there is none.
    func preferred(_ wanted: SAMLBinding) -> (binding: SAMLBinding, address: String)? {
        for binding in [wanted] + SAMLBinding.allCases.filter({ $0 != wanted }) {
            if let address = IdentityProvider.location(binding, in: self) { return (binding, address) }
        }
        return nil
    }
}
