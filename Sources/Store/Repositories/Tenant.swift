public import Core

/// A tenant as the directory holds it.
public struct Tenant: Hashable, Sendable {
    /// Whether its members may come in.
    public enum State: Int64, CaseIterable, Hashable, Sendable {
        case active = 1
        /// Requests are refused with `tenant-suspended`.
        case suspended = 2
        /// The contract has ended; the data waits for its deletion.
        case ended = 3
    }

    /// Who must have proved a second factor.
    public enum SecondFactor: Hashable, Sendable {
        case none, optional, required
        /// Members with one of these roles.
        case requiredForRoles([RoleName])
    }

    public let id: TenantID
    /// Display name; sealed at rest.
    public var name: String
    public var state: State
    /// The plan's name; empty where there is none.
    public var plan: String
    /// The region's name; empty where there is none.
    public var region: String
    /// Hosts that are this tenant's alone, lower-case; the first is used in mails.  At most 1000.
    public var hosts: [String]
    /// E-mail domains, as `NormalizedEmail.asciiDomain` spells them; sealed at rest.  At most 1000.
    public var emailDomains: [String]
    /// Its own roles, besides the catalogue.
    public var ownRoles: [RoleName]
    public var secondFactor: SecondFactor
    /// For so long members who must have a second factor may go on without one, from the first sign-in that would have
    /// asked for it; 0 gives none.
    public var secondFactorGrace = Milliseconds(0)
    /// Which passkeys are accepted.
    public var passkeys = PasskeyRule()
    /// Networks that members may come from; empty allows every address.
    public var allowedNetworks: [AddressRange]
    /// How members sign in.
    public var signIn = SignInRule()
    /// The keys that a tenant's file names, which no other way may change.
    public var keysOwnedByFile: [String]
    /// Grows with each change that sessions must notice.
    public internal(set) var epoch: Int64 = 1
    public internal(set) var createdAt = WallTime(milliseconds: 0)
    public internal(set) var changedAt = WallTime(milliseconds: 0)

    public init(
        id: TenantID, name: String, state: State = .active, plan: String = "", region: String = "",
        hosts: [String] = [], emailDomains: [String] = [], ownRoles: [RoleName] = [],
        secondFactor: SecondFactor = .optional, allowedNetworks: [AddressRange] = [], keysOwnedByFile: [String] = []
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.plan = plan
        self.region = region
        self.hosts = hosts
        self.emailDomains = emailDomains
        self.ownRoles = ownRoles
        self.secondFactor = secondFactor
        self.allowedNetworks = allowedNetworks
        self.keysOwnedByFile = keysOwnedByFile
    }
}

extension Tenant {
    /// What decides access and stands in clear, as bytes.
    var policy: [UInt8] {
        var encoder = FieldEncoder()
        Self.append(hosts, to: &encoder)
        Self.append(ownRoles.map(\.text), to: &encoder)
        Self.append(secondFactorWords, to: &encoder)
        Self.append(allowedNetworks.map(\.description), to: &encoder)
        Self.append(keysOwnedByFile, to: &encoder)
        // Left out where nothing is said, as in rows that were written before there were such rules.
        let passkeyLists = passkeys.lists
        let domains = signIn.ssoDomains == .optional ? [] : [Self.domainsMark + signIn.ssoDomains.rawValue]
        if let methods = signIn.methods {
            Self.append(methods.map(\.rawValue) + domains, to: &encoder)
        } else if !passkeyLists.isEmpty || !domains.isEmpty {
            Self.append([Self.everyMethod] + domains, to: &encoder)
        }
        for list in passkeyLists { Self.append(list, to: &encoder) }
        return encoder.bytes
    }

    mutating func readPolicy(_ bytes: [UInt8]) throws {
        var decoder = FieldDecoder(bytes)
        hosts = try Self.list(&decoder)
        ownRoles = try Self.roles(Self.list(&decoder))
        try readSecondFactor(Self.list(&decoder))
        allowedNetworks = try Self.list(&decoder).map { text in
            guard let range = AddressRange(text) else { throw FieldDecoder.Malformed() }
            return range
        }
        keysOwnedByFile = try Self.list(&decoder)
        var methods = decoder.isAtEnd ? [Self.everyMethod] : try Self.list(&decoder)
        signIn.ssoDomains = .optional
        if let word = methods.last, word.hasPrefix(Self.domainsMark) {
            guard let domains = SSODomains(rawValue: String(word.dropFirst(Self.domainsMark.count))) else {
                throw FieldDecoder.Malformed()
            }
            signIn.ssoDomains = domains
            methods.removeLast()
        }
        signIn.methods =
            methods == [Self.everyMethod]
            ? nil
            : try methods.map { word in
                guard let method = SignInMethod(rawValue: word) else { throw FieldDecoder.Malformed() }
                return method
            }
        passkeys = PasskeyRule()
        guard !decoder.isAtEnd else { return }
        guard let rule = PasskeyRule(lists: try (0..<3).map { _ in try Self.list(&decoder) }) else {
            throw FieldDecoder.Malformed()
        }
        passkeys = rule
    }

    /// Stands for the methods where none are named and something follows them; no method is called so.
    private static let everyMethod = "*"
    /// Stands behind the methods, before what is said of the domains of connections; no method begins so.
    private static let domainsMark = "sso-domains="
    /// Stands before the grace; no role begins so.
    private static let graceMark = "grace="

    private var secondFactorWords: [String] {
        let grace = secondFactorGrace.count > 0 ? ["\(Self.graceMark)\(secondFactorGrace.count)"] : []
        return switch secondFactor {
        case .none: ["none"] + grace
        case .optional: ["optional"] + grace
        case .required: ["required"] + grace
        case .requiredForRoles(let roles): ["roles"] + grace + roles.map(\.text)
        }
    }

    private mutating func readSecondFactor(_ words: [String]) throws {
        var rest = words.dropFirst()
        secondFactorGrace = Milliseconds(0)
        if let word = rest.first, word.hasPrefix(Self.graceMark) {
            guard let count = UInt64(word.dropFirst(Self.graceMark.count)) else { throw FieldDecoder.Malformed() }
            secondFactorGrace = Milliseconds(count)
            rest = rest.dropFirst()
        }
        switch words.first {
        case "none": secondFactor = .none
        case "optional": secondFactor = .optional
        case "required": secondFactor = .required
        case "roles": secondFactor = .requiredForRoles(try Self.roles(Array(rest)))
        default: throw FieldDecoder.Malformed()
        }
    }

    /// What is sealed.
    var sealedPart: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(name)
        Self.append(emailDomains, to: &encoder)
        if !signIn.breakGlass.isEmpty { Self.append(signIn.breakGlass, to: &encoder) }
        return encoder.bytes
    }

    mutating func readSealedPart(_ bytes: [UInt8]) throws {
        var decoder = FieldDecoder(bytes)
        name = try decoder.text()
        emailDomains = try Self.list(&decoder)
        signIn.breakGlass = decoder.isAtEnd ? [] : try Self.list(&decoder)
    }

    private static func append(_ texts: [String], to encoder: inout FieldEncoder) {
        var list = FieldEncoder()
        for text in texts { list.append(text) }
        encoder.append(list.bytes)
    }

    private static func list(_ decoder: inout FieldDecoder) throws -> [String] {
        var list = FieldDecoder(try decoder.octets())
        var texts: [String] = []
        while !list.isAtEnd { texts.append(try list.text()) }
        return texts
    }

    private static func roles(_ texts: [String]) throws -> [RoleName] {
        try texts.map { text in
            guard let role = RoleName(text) else { throw FieldDecoder.Malformed() }
            return role
        }
    }
}
