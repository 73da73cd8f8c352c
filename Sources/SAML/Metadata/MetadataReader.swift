import Core

/// Reads the metadata of one identity provider.  Whether the document may be believed is for whoever fetched it: it comes
/// from a file of the operator's, or by https from an address that was configured.
public struct MetadataReader {
    /// Bytes of a document.
    public static let longestDocument = XMLBounds.metadata.bytes

    private var warnings: [String] = []
    private var end: WallTime?
    private var duration: Milliseconds?

    /// Reads an EntityDescriptor with an IDPSSODescriptor, alone or as the only such one of an EntitiesDescriptor.
    /// - Throws: `MetadataFault` where there is none, or nothing in it could be signed with.
    public static func read(_ document: [UInt8]) throws(MetadataFault) -> IdentityProvider {
        var reader = MetadataReader()
        do {
            return try reader.read(try XMLDocument(parsing: document, .metadata).root)
        } catch let refusal as SAMLRefusal {
            throw MetadataFault(refusal.words)
        } catch let fault as MetadataFault {
            throw fault
        } catch {
            throw MetadataFault("it cannot be read")
        }
    }

    private mutating func read(_ root: Element) throws -> IdentityProvider {
        let entity = try entity(in: root)
        let roles = Self.roles(of: entity)
        guard roles.count == 1 else {
            throw MetadataFault("the entity has \(roles.count) descriptions of an identity provider; one is expected")
        }
        let role = roles[0]
        guard let entityID = entity.attribute("entityID"), !entityID.isEmpty else {
            throw MetadataFault("the entity has no entityID")
        }
        guard entityID.utf8.count <= IdentityProvider.longestEntityID else {
            throw MetadataFault("the entityID is longer than \(IdentityProvider.longestEntityID) bytes")
        }
        try note(validity: entity)
        try note(validity: role)
        let keys = try signingKeys(role)
        guard !keys.isEmpty else {
            let why = warnings.isEmpty ? "" : ": " + warnings.joined(separator: "; ")
            throw MetadataFault("there is no certificate to verify signatures with\(why)")
        }
        let signOn = endpoints("SingleSignOnService", of: role)
        let logout = endpoints("SingleLogoutService", of: role)
        var formats: [String] = []
        for format in role.children("NameIDFormat", in: Names.metadataSpace) { formats.append(try format.value()) }
        return IdentityProvider(
            entityID: entityID, signingKeys: keys, singleSignOn: signOn, singleLogout: logout, nameIDFormats: formats,
            wantsSignedRequests: ["true", "1"].contains(role.attribute("WantAuthnRequestsSigned") ?? ""),
            validUntil: end, cacheDuration: duration, warnings: warnings)
    }

    private static func roles(of entity: Element) -> [Element] {
        entity.children("IDPSSODescriptor", in: Names.metadataSpace).filter { role in
            (role.attribute("protocolSupportEnumeration") ?? "").split(separator: " ").contains {
                $0 == Names.protocolSpace
            }
        }
    }

    /// The only entity that is an identity provider.
    private mutating func entity(in root: Element) throws -> Element {
        if root.isNamed("EntityDescriptor", in: Names.metadataSpace) { return root }
        guard root.isNamed("EntitiesDescriptor", in: Names.metadataSpace) else {
            throw MetadataFault("the document is \(Trace.quoted(root.name)), not SAML metadata")
        }
        try note(validity: root)
        let found = root.children("EntityDescriptor", in: Names.metadataSpace).filter { !Self.roles(of: $0).isEmpty }
        guard found.count == 1 else {
            throw MetadataFault("the document describes \(found.count) identity providers; one is expected")
        }
        return found[0]
    }

    /// The earliest end and the shortest duration count.
    private mutating func note(validity element: Element) throws {
        if let text = element.attribute("validUntil") {
            guard let time = SAMLTime.read(text) else {
                throw MetadataFault("validUntil is \(Trace.quoted(text)), not a time in UTC")
            }
            end = min(end ?? time, time)
        }
        if let text = element.attribute("cacheDuration") {
            // It is advice, of which nothing depends; providers write durations that are none, such as `P1DT`.
            guard let time = SAMLTime.readDuration(text) else {
                warnings.append("cacheDuration is \(Trace.quoted(text)), not a duration, and was left out")
                return
            }
            duration = min(duration ?? time, time)
        }
    }

    private mutating func signingKeys(_ role: Element) throws -> [VerificationKey] {
        var keys: [VerificationKey] = []
        for descriptor in role.children("KeyDescriptor", in: Names.metadataSpace)
        where (descriptor.attribute("use") ?? "signing") == "signing" {
            for info in descriptor.children("KeyInfo", in: Names.signatureSpace) {
                for data in info.children("X509Data", in: Names.signatureSpace) {
                    for element in data.children("X509Certificate", in: Names.signatureSpace) {
                        guard let key = key(try element.value()) else { continue }
                        guard !keys.contains(where: { $0.certificate == key.certificate }) else { continue }
                        guard keys.count < IdentityProvider.mostKeys else {
                            throw MetadataFault("there are more than \(IdentityProvider.mostKeys) certificates")
                        }
                        keys.append(key)
                    }
                }
            }
        }
        return keys
    }

    private mutating func key(_ text: String) -> VerificationKey? {
        guard let der = MessageEncoding.decode(value: text) else {
            warnings.append("a certificate is not base64 and was left out")
            return nil
        }
        do {
            return try VerificationKey(certificate: der)
        } catch {
            switch error {
            case .unreadable:
                warnings.append("a certificate cannot be read, or its key is neither RSA nor elliptic; it was left out")
            case .weak(let bits):
                warnings.append(
                    "a certificate has a key of \(bits) bits and was left out; RSA of 2048 bits is the least")
            }
        }
        return nil
    }

    /// Endpoints of bindings that are known, at https addresses.
    private mutating func endpoints(_ name: String, of role: Element) -> [IdentityProvider.Endpoint] {
        var found: [IdentityProvider.Endpoint] = []
        for element in role.children(name, in: Names.metadataSpace) {
            guard let binding = SAMLBinding(rawValue: element.attribute("Binding") ?? ""),
                let location = element.attribute("Location")
            else { continue }
            let answers = element.attribute("ResponseLocation")
            guard Self.isSafe(location), answers.map(Self.isSafe) ?? true else {
                warnings.append("\(name) at \(Trace.quoted(location)) is not an https address and was left out")
                continue
            }
            guard found.count < IdentityProvider.mostEndpoints else { break }
            found.append(
                IdentityProvider.Endpoint(binding: binding, location: location, responseLocation: answers))
        }
        return found
    }

    private static func isSafe(_ location: String) -> Bool {
        location.utf8.count > 8 && location.lowercased().hasPrefix("https://")
            && location.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
