import Access
import Core
import HTTPTypes
import Store

/// The connection that an address names: `/.gatehouse/saml/{tenant}/{connection}/…`.
///
/// Each connection has its addresses on one host, its tenant's sign-in host, and nowhere else: on every other one nothing
/// is there, so that no tenant's host answers for another tenant (security rule 8).
struct SSOPlace: Sendable, Hashable {
    /// With the slash at its end.
    static let prefix = "/.gatehouse/saml/"

    let tenant: TenantID
    let connection: ConnectionName

    /// - Parameter parameters: of the route.
    /// - Returns: nil where they name none, or the place is on another host.
    init?(_ parameters: [String: String], _ visit: LoginVisit) {
        guard let tenant = parameters["tenant"].flatMap({ TenantID($0) }),
            let connection = parameters["connection"].flatMap({ ConnectionName($0) }),
            !visit.hostName.isEmpty, visit.hosts.signInHost(of: tenant) == visit.hostName
        else { return nil }
        self.init(tenant: tenant, connection: connection)
    }

    init(tenant: TenantID, connection: ConnectionName) {
        self.tenant = tenant
        self.connection = connection
    }

    /// Where a sign-in begins, on the connection's own host.
    func loginAddress(_ begin: SSOBegin) -> String {
        begin.address(on: "\(Self.prefix)\(tenant.text)/\(connection.text)/login")
    }

    /// The pattern of an endpoint's route.
    static func pattern(_ endpoint: String) -> String { "\(prefix){tenant}/{connection}/\(endpoint)" }
}

/// What the address says with which a sign-in begins.
struct SSOBegin: Sendable, Hashable {
    /// The field that asks to confirm the session instead of making one.
    static let confirmField = "confirm"

    var returnTo: SafeRedirect?
    /// The visitor asked to stay signed in.
    var isRemembered = false
    /// The member of a session is to prove anew who they are.
    var isConfirmation = false
    /// Chosen by the address; nil where it chooses none.
    var language: PageLanguage?

    /// With what it says behind the address of the endpoint.
    func address(on endpoint: String) -> String {
        var query: [String] = []
        if let returnTo { query.append("return_to=\(PortalAddress.encoded(returnTo.target))") }
        if isRemembered { query.append("remember=1") }
        if isConfirmation { query.append("\(Self.confirmField)=1") }
        if let language { query.append("lang=\(language.rawValue)") }
        return query.isEmpty ? endpoint : "\(endpoint)?\(query.joined(separator: "&"))"
    }
}
