import Core
import Store

/// A tenant, as the API shows it.
public struct TenantResource: Codable, Hashable, Sendable {
    public let id: String
    public let name: String
    /// `active`, `suspended` or `ended`.
    public let state: String
    /// Empty where there is none.
    public let plan: String
    public let region: String
    public let hosts: [String]
    public let emailDomains: [String]
    /// Its own roles, besides the catalogue.
    public let roles: [String]
    /// `none`, `optional`, `required`, or `roles: admin, …`.
    public let mfa: String
    public let allowedNetworks: [String]
    /// Keys that a file owns, each with its place; no other way may change them.
    public let ownedByFile: [String: String]
    public let createdAt: String
    public let changedAt: String

    enum CodingKeys: String, CodingKey {
        case id, name, state, plan, region, hosts, roles, mfa
        case emailDomains = "email_domains"
        case allowedNetworks = "allowed_networks"
        case ownedByFile = "owned_by_file"
        case createdAt = "created_at"
        case changedAt = "changed_at"
    }

    init(_ tenant: Tenant, ownership: [String: String]) {
        id = tenant.id.text
        name = tenant.name
        state = tenant.state.word
        plan = tenant.plan
        region = tenant.region
        hosts = tenant.hosts
        emailDomains = tenant.emailDomains
        roles = tenant.ownRoles.map(\.text)
        mfa =
            switch tenant.secondFactor {
            case .none: "none"
            case .optional: "optional"
            case .required: "required"
            case .requiredForRoles(let roles): "roles: " + roles.map(\.text).joined(separator: ", ")
            }
        allowedNetworks = tenant.allowedNetworks.map(\.description)
        ownedByFile = ownership
        createdAt = tenant.createdAt.text
        changedAt = tenant.changedAt.text
    }
}

/// A tenant in a list: its hosts may be a thousand, so the first stands for them.
public struct TenantSummary: Codable, Hashable, Sendable {
    public let id: String
    public let name: String
    public let state: String
    public let plan: String
    public let region: String
    /// The first, which is used in mails; nil where the tenant has none of its own.
    public let host: String?
    public let hostCount: Int
    public let createdAt: String

    enum CodingKeys: String, CodingKey {
        case id, name, state, plan, region, host
        case hostCount = "host_count"
        case createdAt = "created_at"
    }

    init(_ tenant: Tenant) {
        id = tenant.id.text
        name = tenant.name
        state = tenant.state.word
        plan = tenant.plan
        region = tenant.region
        host = tenant.hosts.first
        hostCount = tenant.hosts.count
        createdAt = tenant.createdAt.text
    }
}

extension Tenant.State {
    /// The word of the API.
    var word: String {
        switch self {
        case .active: "active"
        case .suspended: "suspended"
        case .ended: "ended"
        }
    }
}
