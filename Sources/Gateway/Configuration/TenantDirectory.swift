import Access
import Core

/// Reads `tenants_directory`: one file a tenant, `NAME.yaml`, in the order of their names.
struct TenantDirectory {
    /// Files of one folder.
    static let mostTenants = 100_000

    let reader: ConfigurationReader
    let files: ConfigurationFiles
    let inspector: FileInspector

    /// Every tenant's file.  A missing folder holds none, unless the configuration names it.
    func read(
        _ folder: Located<String>, mustExist: Bool, variables: inout VariableReplacement
    ) -> [TenantFile] {
        let path = files.absolute(folder.value)
        files.note(.tenantsDirectory, path)
        switch inspector.list(path) {
        case .failure(.missing) where !mustExist: return []
        case .failure(let failure):
            let (problem, remedy) = failure.words(for: "folder")
            reader.report(folder, "\(files.shown(folder.value)): \(problem)", remedy: remedy)
            return []
        case .success(let names):
            let tenants = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
            for name in names.sorted() where name.hasSuffix(".yml") && !name.hasPrefix(".") {
                reader.warn(
                    folder,
                    "\(files.shown(folder.value))/\(ShownText.escaped(name)) is not read: a tenant's file ends in .yaml"
                )
            }
            guard tenants.count <= Self.mostTenants else {
                reader.report(
                    folder, "\(tenants.count) files stand in \(files.shown(folder.value))",
                    allowed: "allowed: \(Self.mostTenants)")
                return []
            }
            return tenants.compactMap { name in read(PathText.joined(folder.value, name), variables: &variables) }
        }
    }

    private func read(_ path: String, variables: inout VariableReplacement) -> TenantFile? {
        let file = files.shown(path)
        let absolute = files.absolute(path)
        files.note(.tenant, absolute)
        switch inspector.read(absolute, YAMLScan.longestFile) {
        case .failure(let failure):
            reader.report(ConfigurationLoader.fault(failure, file: file))
            return nil
        case .success(let content):
            let (node, faults) = YAMLSource.read(content.bytes, file: file, variables: &variables)
            reader.report(faults)
            return node.flatMap { TenantFile.type.read($0, .top, reader) }
        }
    }
}

/// What tenants may not share, and what a tenant's file may name.
struct TenantChecks {
    let reader: ConfigurationReader

    /// The settings of every tenant; hosts are claimed from `hosts`.  `catalogue` is nil where it was refused
    /// itself.
    func settings(
        for tenants: [TenantFile], catalogue: [RoleName]?, hosts: inout HostOwnership
    ) -> [TenantSettings] {
        var ids: [TenantID: Located<TenantID>] = [:]
        for tenant in tenants {
            if let earlier = ids[tenant.id.value] {
                reader.report(
                    tenant.id, "\"\(tenant.id.value)\" is the id of another tenant already (\(earlier.position))",
                    allowed: "each id once")
            } else {
                ids[tenant.id.value] = tenant.id
            }
            for host in tenant.hosts { hosts.claim(host.value, for: "a host of tenant \(tenant.id.value)", at: host) }
            judgeRoles(of: tenant, catalogue: catalogue)
        }
        return tenants.map(\.settings)
    }

    private func judgeRoles(of tenant: TenantFile, catalogue: [RoleName]?) {
        guard let catalogue else { return }
        for role in tenant.roles where catalogue.contains(role.value) {
            reader.report(
                role, "\"\(role.value)\" is in the operator's catalogue",
                allowed: "a tenant's own roles have other names",
                remedy: "delete it: every tenant has the catalogue's roles")
        }
        let known = catalogue + tenant.roles.map(\.value)
        for role in tenant.secondFactor.roles where !known.contains(role.value) {
            let names = known.map(\.text)
            reader.report(
                role, "\"\(role.value)\" is neither a role of the catalogue nor one of this tenant's",
                allowed: "roles: \(ShownText.list(names))",
                remedy: Spelling.suggestion(for: role.value.text, among: names))
        }
    }
}
