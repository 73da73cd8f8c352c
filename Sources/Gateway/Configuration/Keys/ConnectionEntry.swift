import Core
import Login
import SAML

/// One entry of a tenant's `saml` as written: values are typed and within their bounds, files and names are not looked
/// up yet.
struct ConnectionEntry: Sendable {
    /// Connections of one tenant.
    static let most = 20

    /// Where the entry begins.
    let place: Located<Void>
    let name: Located<ConnectionName>
    let displayName: String
    let isEnabled: Bool
    let metadataFile: Located<String>
    /// Nil where none is given.
    let metadataURL: Located<String>?
    let authorityFile: Located<String>
    let entityID: Located<String>
    let emailDomains: [Located<String>]
    let hosts: [Located<String>]
    let attributes: AttributeNames
    let roleMapping: [MappingEntry]
    let provisioning: Provisioning
    let idpInitiated: Located<IdPInitiated>
    let request: ConnectionRequestEntry
    let trust: ConnectionTrustEntry

    /// One line of `role_mapping`.
    struct MappingEntry: Sendable {
        let pattern: String
        let roles: [Located<RoleName>]
    }

    static let nameKey = RequiredKey(
        "name", ValueType<String>.name(.connection).map { ConnectionName($0) }.located,
        "Its name, as addresses and commands spell it; another name is another connection.")
    static let displayNameKey = DefaultedKey(
        "display_name", ValueType<String>.text("a name", bytes: 0...100), default: "\"\"",
        "What the login page calls it; \"\" is its name.")
    static let enabledKey = DefaultedKey(
        "enabled", ValueType<Bool>.boolean, default: "true",
        "Whether it can be used; the sessions of one that cannot have ended.")
    static let metadataFileKey = DefaultedKey(
        "metadata_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "The provider's metadata, from gatehouse.yaml's folder; it is read again when it changes. This or metadata_url."
    )
    static let metadataURLKey = OptionalKey(
        "metadata_url", ValueType<String>.httpsAddress.located,
        "Where the provider's metadata is fetched from, again and again. This or metadata_file.")
    static let authorityFileKey = DefaultedKey(
        "metadata_ca_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "Authorities (PEM) for the certificate of metadata_url; \"\" for this machine's.")
    static let entityIDKey = DefaultedKey(
        "entity_id", ValueType<String>.entityID.located, default: "\"\"",
        "What the gateway calls itself there; \"\" is the address of its metadata.")
    static let emailDomainsKey = DefaultedKey(
        "email_domains", ValueType<[Located<String>]>.locatedSet(of: .emailDomain, count: 0...1000), default: "[]",
        "Whose members it signs in, domains of the tenant; [] is all of them.")
    static let hostsKey = DefaultedKey(
        "hosts", ValueType<[Located<String>]>.locatedSet(of: .host, count: 0...1000), default: "[]",
        "Hosts of the tenant whose visitors are led to the provider at once, without a login page.")
    static let attributesKey = DefaultedKey(
        "attributes", AttributeNames.type, default: "{}", "What the provider calls its attributes.")
    static let roleMappingKey = DefaultedKey(
        "role_mapping",
        ValueType<[(name: Located<String>, value: [Located<RoleName>])]>.entries(
            of: .oneOrMoreRoles, names: .groupPattern, count: 0...500), default: "{}",
        "Which roles the values of attributes.roles give, at each sign-in; \"*\" stands for any characters. Without an "
            + "entry the provider has no say in roles.")
    static let provisioningKey = DefaultedKey(
        "provisioning", ValueType<Provisioning>.choice("a rule for who has no account"), default: "existing_only",
        "just_in_time makes an account for whoever the provider signs in and who has none; existing_only refuses.")
    static let idpInitiatedKey = DefaultedKey(
        "idp_initiated", ValueType<IdPInitiated>.choice("a rule for answers that nobody asked for").located,
        default: "disabled",
        "What becomes of an answer that this browser has not asked for: disabled refuses it, restart asks the provider "
            + "anew, accept signs in.")

    static let keys: [any ConfigurationKey] = [
        nameKey, displayNameKey, enabledKey, metadataFileKey, metadataURLKey, authorityFileKey, entityIDKey,
        emailDomainsKey, hostsKey, attributesKey, roleMappingKey, provisioningKey, idpInitiatedKey,
    ]

    static let type = ValueType<ConnectionEntry>.mapping(
        keys + ConnectionRequestEntry.keys + ConnectionTrustEntry.keys
    ) { section, _ in
        let (file, url, authorities) = (section[metadataFileKey], section[metadataURLKey], section[authorityFileKey])
        let (domains, hosts, mapping) = (section[emailDomainsKey], section[hostsKey], section[roleMappingKey])
        let (displayName, isEnabled, entityID) = (section[displayNameKey], section[enabledKey], section[entityIDKey])
        let (attributes, provisioning) = (section[attributesKey], section[provisioningKey])
        let (initiated, request, trust) = (
            section[idpInitiatedKey], ConnectionRequestEntry(section), ConnectionTrustEntry(section)
        )
        guard let name = section[nameKey] else { return nil }
        return ConnectionEntry(
            place: section.place, name: name, displayName: displayName, isEnabled: isEnabled, metadataFile: file,
            metadataURL: url, authorityFile: authorities, entityID: entityID, emailDomains: domains, hosts: hosts,
            attributes: attributes,
            roleMapping: mapping.map { MappingEntry(pattern: $0.name.value, roles: $0.value) },
            provisioning: provisioning, idpInitiated: initiated, request: request, trust: trust)
    }

    /// The settings, once the metadata is known.
    func settings(_ metadata: MetadataSource) -> ConnectionSettings {
        ConnectionSettings(
            name: name.value, displayName: displayName.isEmpty ? name.value.text : displayName, isEnabled: isEnabled,
            metadata: metadata, entityID: entityID.value.isEmpty ? nil : entityID.value,
            emailDomains: emailDomains.map(\.value), hosts: hosts.map(\.value), attributes: attributes,
            roleMapping: roleMapping.map { RoleMapping(pattern: $0.pattern, roles: $0.roles.map(\.value)) },
            provisioning: provisioning, idpInitiated: idpInitiated.value, nameIDFormat: request.nameIDFormat,
            requestBinding: request.binding, contexts: request.contexts, forcesAuthentication: request.isForced,
            requiresEncryption: trust.requiresEncryption, countsAsMFA: trust.countsAsMFA,
            algorithms: trust.algorithms, skew: trust.skew, usesSingleLogout: request.usesSingleLogout)
    }
}

extension AttributeNames {
    static let emailKey = DefaultedKey(
        "email", ValueType<String>.attributeName, default: "\"\"",
        "The e-mail address; \"\" tries the usual names, then the NameID where it is an address.")
    static let nameKey = DefaultedKey(
        "name", ValueType<String>.attributeName, default: "\"\"", "The name of the person; \"\" tries the usual names.")
    static let rolesKey = DefaultedKey(
        "roles", ValueType<String>.attributeName, default: "\"\"",
        "The groups, for role_mapping; \"\" for none.")
    static let subjectKey = DefaultedKey(
        "subject", ValueType<String>.attributeName, default: "\"\"",
        "What names the account for ever, where the NameID does not; \"\" is the NameID.")

    static let type = ValueType<AttributeNames>.mapping([emailKey, nameKey, rolesKey, subjectKey]) { section, _ in
        func name(_ key: DefaultedKey<String>) -> String? {
            let text = section[key]
            return text.isEmpty ? nil : text
        }
        return AttributeNames(
            email: name(emailKey), name: name(nameKey), roles: name(rolesKey), subject: name(subjectKey))
    }
}
