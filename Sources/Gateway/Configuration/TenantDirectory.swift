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
