import Access
import Core
import HTTPTypes
import Store

/// A request to an endpoint of the API.
struct APICall: Sendable {
    let request: PortalRequest
    let parameters: [String: String]

    /// The query, which may name these parameters only.
    func query(_ allowed: String...) throws(APIRefusal) -> APIQuery {
        try APIQuery(request.head.path ?? "", allowed: allowed)
    }

    /// The body's members, of which these only may stand there.
    func fields(_ allowed: String...) throws(APIRefusal) -> APIFields {
        try APIFields(request.body, mediaType: request.head.headerFields[.contentType], allowed: allowed)
    }

    /// The tenant's id in the path.
    var tenant: TenantID {
        get throws(APIRefusal) {
            let text = parameters["tenant"] ?? ""
            guard let id = TenantID(text) else {
                throw APIRefusal(
                    .inputMalformed,
                    "\(QuotedInput.show(text)) is no tenant's id; allowed: 1 to 63 of a-z, 0-9 and '-'",
                    field: "tenant")
            }
            return id
        }
    }

    /// The user's id in the path.
    var user: UserID {
        get throws(APIRefusal) {
            let text = parameters["user"] ?? ""
            guard let id = UserID(text) else {
                throw APIRefusal(.inputMalformed, "\(QuotedInput.show(text)) is no user's id (a UUID)", field: "user")
            }
            return id
        }
    }
}

/// A row's id behind which a page begins; nil for the first page.
extension APIQuery {
    func after<ID>(_ read: (String) -> ID?) throws(APIRefusal) -> ID? {
        guard let text = self["after"] else { return nil }
        guard let id = read(text) else {
            throw APIRefusal(
                .valueRefused, "after \(QuotedInput.show(text)) is no row of this list; take `next` of the page before",
                field: "after")
        }
        return id
    }
}

extension OperatorAPI {
    /// What a tenant has; an unknown one is refused with the nearest name.
    func store(of tenant: TenantID) async throws -> TenantStore {
        do {
            return try await store.tenant(tenant)
        } catch StoreConflict.notFound {
            throw try await unknown(tenant)
        }
    }

    /// The refusal of a tenant that is not there.
    func unknown(_ tenant: TenantID) async throws -> APIRefusal {
        var names: [String] = []
        var last: TenantID?
        while names.count < FieldBound.candidates {
            let page = try await store.tenants.list(after: last)
            guard let end = page.last else { break }
            names += page.map(\.id.text)
            last = end.id
        }
        return APIRefusal(
            .tenantUnknown, "there is no tenant \(QuotedInput.show(tenant.text))", field: "tenant",
            suggestion: NearestName.find(tenant.text, among: names))
    }

    /// The refusal of a user who is not there.
    func unknown(_ user: UserID, of tenant: TenantID) -> APIRefusal {
        APIRefusal(.userUnknown, "tenant \(tenant) has no user \(user)", field: "user")
    }

    /// The user with the address; an unknown one is refused with the nearest address.
    func user(_ email: NormalizedEmail, in tenant: TenantStore) async throws -> User {
        if let user = try await tenant.users.find(email: email) { return user }
        var addresses: [String] = []
        var last: UserID?
        while addresses.count < FieldBound.candidates {
            let page = try await tenant.users.list(after: last)
            guard let end = page.last else { break }
            addresses += page.map(\.email)
            last = end.id
        }
        throw APIRefusal(
            .userUnknown, "tenant \(tenant.tenant) has no user \(QuotedInput.show(email.text))", field: "email",
            suggestion: NearestName.find(email.text, among: addresses))
    }
}
