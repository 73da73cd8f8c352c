import Core
import FoundationEssentials
import Portal
import Store

/// The tenants of the data folder that a question of `explain` is about: the one it names and the one whose host it is.
///
/// They come from the running server, or from the data folder where none runs; a folder that is not there yet holds
/// none and is not made.
struct StoredTenants {
    var found: [Tenant] = []
    /// Why the data folder was not asked, though it may hold some; nil where it was.
    var obstacle: String?
    /// What is said about a named tenant that the data folder does not have; nil where it has it.
    var missing: String?

    static func ask(
        for request: ExplainRequest, settings: GatewaySettings, file: String, environment: [String: String]
    ) -> StoredTenants {
        var answer = StoredTenants()
        do throws(OperatorFault) {
            guard mayHold(settings) else {
                answer.missing = "no file in tenants_directory has it, and there is no data folder yet"
                return answer
            }
            let client = try OperatorClient.open(file: file, environment: environment)
            defer { client.close() }
            if let owner = try client.owner(ofHost: request.host) { answer.found.append(owner) }
            if let name = request.tenant, !answer.found.contains(where: { $0.id.text == name }) {
                do {
                    answer.found.append(try client.tenant(name))
                } catch  where error.kind == .badData {
                    answer.missing = error.description
                }
            }
        } catch {
            answer.obstacle = error.description
        }
        return answer
    }

    /// Whether somebody listens, or may, or the folder is there.
    private static func mayHold(_ settings: GatewaySettings) -> Bool {
        if FileManager.default.fileExists(atPath: settings.store.directory + "/directory.db") { return true }
        do {
            try ControlExchange(path: settings.store.controlSocket).probe()
        } catch .nobodyListens {
            return false
        } catch {}
        return true
    }
}

extension OperatorClient {
    /// The tenant that owns the host of a request; nil where none does.
    fileprivate func owner(ofHost written: String) throws(OperatorFault) -> Tenant? {
        var host = CanonicalHost()
        guard host.read(Array(written.utf8).span) == nil else { return nil }
        let page = try ask(
            OperatorRequest(method: .get, path: "/tenants", query: [("host", host.text)]),
            for: Page<TenantSummary>.self)
        guard let owner = page.items.first else { return nil }
        return try tenant(owner.id)
    }

    /// The tenant with this id.
    fileprivate func tenant(_ id: String) throws(OperatorFault) -> Tenant {
        let resource = try ask(
            OperatorRequest(method: .get, path: try Self.path(ofTenant: id)), for: TenantResource.self)
        guard let tenant = Tenant(resource) else {
            throw OperatorFault(
                .internalFault, "the server's answer has another form: it is of another version than this command")
        }
        return tenant
    }
}

extension Tenant {
    /// What the API shows, read back; nil where a word is not one of this version's.
    init?(_ resource: TenantResource) {
        guard let id = TenantID(resource.id), let state = State.allCases.first(where: { $0.word == resource.state })
        else { return nil }
        self.init(
            id: id, name: resource.name, state: state, plan: resource.plan, region: resource.region,
            hosts: resource.hosts, emailDomains: resource.emailDomains,
            ownRoles: resource.roles.compactMap(RoleName.init),
            allowedNetworks: resource.allowedNetworks.compactMap(AddressRange.init),
            keysOwnedByFile: resource.ownedByFile.keys.sorted())
        let (grace, overflow) = resource.mfaGraceSeconds.multipliedReportingOverflow(by: 1000)
        guard !overflow, ownRoles.count == resource.roles.count,
            allowedNetworks.count == resource.allowedNetworks.count,
            let rule = SecondFactor(word: resource.mfa)
        else { return nil }
        secondFactor = rule
        secondFactorGrace = Milliseconds(grace)
    }
}
