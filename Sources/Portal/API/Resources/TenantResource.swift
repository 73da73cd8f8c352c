import Core
import Login
public import Store

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
    /// For how long members who have no second factor yet get by without one, in seconds; 0 for none.
    public let mfaGraceSeconds: UInt64
    /// Which passkeys it accepts.
    public let webauthn: Passkeys
    public let allowedNetworks: [String]
    public let signIn: SignIn
    /// The names of its connections, in the order of its file, where one tenant is shown; empty otherwise.
    public let connections: [String]
    /// What the plan includes; everything where there is none.
    public let planIncludes: PlanIncludes
    /// Keys that a file owns, each with its place; no other way may change them.
    public let ownedByFile: [String: String]
    public let createdAt: String
    public let changedAt: String

    enum CodingKeys: String, CodingKey {
        case id, name, state, plan, region, hosts, roles, mfa, webauthn, connections
        case mfaGraceSeconds = "mfa_grace_seconds"
        case emailDomains = "email_domains"
        case allowedNetworks = "allowed_networks"
        case signIn = "sign_in"
        case planIncludes = "plan_includes"
        case ownedByFile = "owned_by_file"
        case createdAt = "created_at"
        case changedAt = "changed_at"
    }

    /// Which passkeys are accepted.
    public struct Passkeys: Codable, Hashable, Sendable {
        /// The relying party id of passkeys that are made from now on; empty where it is the first host's.
        public let rpID: String
        /// `any` or `attested`.
        public let attestation: String
        /// Models of authenticators that may be used, as AAGUIDs; empty for every one.
        public let allow: [String]
        /// Models that may not be used.
        public let deny: [String]

        enum CodingKeys: String, CodingKey {
            case attestation, allow, deny
            case rpID = "rp_id"
        }

        init(_ rule: PasskeyRule) {
            (rpID, attestation) = (rule.rpID ?? "", rule.attestation.rawValue)
            (allow, deny) = (rule.allow, rule.deny)
        }
    }

    /// How members sign in.
    public struct SignIn: Codable, Hashable, Sendable {
        /// Those that are in force: what the tenant's file allows, as far as the plan includes it.
        public let methods: [String]
        /// Accounts that may sign in by password in any case.
        public let breakGlass: [String]
        /// `optional` or `enforced`: whether addresses in domains of connections sign in by them alone.
        public let ssoDomains: String

        enum CodingKeys: String, CodingKey {
            case methods
            case breakGlass = "break_glass"
            case ssoDomains = "sso_domains"
        }
    }

    /// Ways to sign in, and what else there is.
    public struct PlanIncludes: Codable, Hashable, Sendable {
        public let signIn: [String]
        public let features: [String]

        enum CodingKeys: String, CodingKey {
            case features
            case signIn = "sign_in"
        }
    }

    init(_ tenant: Tenant, ownership: [String: String], plans: PlanBook, connections: [ConnectionSettings] = []) {
        id = tenant.id.text
        name = tenant.name
        state = tenant.state.word
        plan = tenant.plan
        region = tenant.region
        hosts = tenant.hosts
        emailDomains = tenant.emailDomains
        roles = tenant.ownRoles.map(\.text)
        mfa = tenant.secondFactor.word
        mfaGraceSeconds = tenant.secondFactorGrace.count / 1000
        webauthn = Passkeys(tenant.passkeys)
        allowedNetworks = tenant.allowedNetworks.map(\.description)
        let included = plans.plan(tenant.plan)
        signIn = SignIn(
            methods: included.methods.filter { tenant.signIn.methods?.contains($0) ?? true }.map(\.rawValue),
            breakGlass: tenant.signIn.breakGlass, ssoDomains: tenant.signIn.ssoDomains.rawValue)
        self.connections = connections.map(\.name.text)
        planIncludes = PlanIncludes(
            signIn: included.methods.map(\.rawValue), features: included.features.map(\.rawValue))
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
    public var word: String {
        switch self {
        case .active: "active"
        case .suspended: "suspended"
        case .ended: "ended"
        }
    }
}

extension Tenant.SecondFactor {
    /// In front of the roles, where some members only must have one.
    private static let ofRoles = "roles: "

    /// The words of the API: `none`, `optional`, `required`, or `roles: admin, billing`.
    public var word: String {
        switch self {
        case .none: "none"
        case .optional: "optional"
        case .required: "required"
        case .requiredForRoles(let roles): Self.ofRoles + roles.map(\.text).joined(separator: ", ")
        }
    }

    /// As `word` says it; nil for anything else.
    public init?(word: String) {
        switch word {
        case "none": self = .none
        case "optional": self = .optional
        case "required": self = .required
        default:
            guard word.hasPrefix(Self.ofRoles) else { return nil }
            let names = word.dropFirst(Self.ofRoles.count).split(separator: ",").map {
                String($0.drop { $0 == " " })
            }
            let roles = names.compactMap { RoleName($0) }
            guard roles.count == names.count else { return nil }
            self = .requiredForRoles(roles)
        }
    }
}
