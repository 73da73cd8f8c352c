/// The keys of one mapping that were found in a file, ready to be asked for by declaration.
struct ConfigurationSection {
    private let entries: [String: ConfigurationNode.Entry]
    private let keys: Set<String>
    private let reader: ConfigurationReader
    /// Where the mapping begins.
    let position: SourcePosition
    /// The way to the mapping.
    let path: ConfigurationPath

    fileprivate init(
        entries: [String: ConfigurationNode.Entry], keys: Set<String>, reader: ConfigurationReader,
        position: SourcePosition, path: ConfigurationPath
    ) {
        self.entries = entries
        self.keys = keys
        self.reader = reader
        self.position = position
        self.path = path
    }

    /// The key's value; its default where it is absent, or where its value was refused (and reported, so that
    /// the result is not used).
    subscript<Value>(_ key: DefaultedKey<Value>) -> Value {
        let node = node(of: key) ?? key.defaultNode.relocated(to: position)
        return key.type.read(node, path.key(key.declaration.name), reader) ?? key.defaultValue
    }

    /// The key's value; nil where it is absent or was refused, both reported.
    subscript<Value>(_ key: RequiredKey<Value>) -> Value? {
        node(of: key).flatMap { key.type.read($0, path.key(key.declaration.name), reader) }
    }

    /// The key's value; nil where it is absent, or was refused and reported.
    subscript<Value>(_ key: OptionalKey<Value>) -> Value? {
        node(of: key).flatMap { key.type.read($0, path.key(key.declaration.name), reader) }
    }

    /// True where the file has the key.
    func has(_ key: some ConfigurationKey) -> Bool { node(of: key) != nil }

    /// The declared keys that the file has, each with its place.
    var givenKeys: [String: SourcePosition] { entries.mapValues(\.keyPosition) }

    /// The mapping itself as something that a fault can point at.
    var place: Located<Void> { Located(value: (), position: position, path: path) }

    private func node(of key: some ConfigurationKey) -> ConfigurationNode? {
        let name = key.declaration.name
        precondition(keys.contains(name), "the key \(name) is read but not declared in its section")
        return entries[name]?.value
    }
}

extension ValueType {
    /// A mapping with these keys.  Unknown keys and missing required ones are reported before `assemble` asks
    /// for values.
    static func mapping(
        _ keys: [any ConfigurationKey],
        assemble: @escaping @Sendable (ConfigurationSection, ConfigurationReader) -> Value?
    ) -> ValueType {
        let declarations = keys.map(\.declaration)
        let names = declarations.map(\.name)
        let shape = SchemaShape.mapping(declarations)
        return ValueType(shape: shape) { node, path, reader in
            guard case .mapping(let found) = node.content else {
                reader.reportKind(of: node, at: path, expected: shape)
                return nil
            }
            var entries: [String: ConfigurationNode.Entry] = [:]
            for entry in found {
                guard names.contains(entry.key) else {
                    reader.report(unknownKey(entry, path: path, among: names, given: found.map(\.key)))
                    continue
                }
                entries[entry.key] = entry
            }
            for declaration in declarations where entries[declaration.name] == nil {
                guard case .required = declaration.presence else { continue }
                reader.report(
                    ConfigurationFault(
                        at: node.position, path: path.key(declaration.name).description, problem: "missing",
                        allowed: "required: \(declaration.summary)"))
            }
            let section = ConfigurationSection(
                entries: entries, keys: Set(names), reader: reader, position: node.position, path: path)
            return assemble(section, reader)
        }
    }

    private static func unknownKey(
        _ entry: ConfigurationNode.Entry, path: ConfigurationPath, among names: [String], given: [String]
    ) -> ConfigurationFault {
        // A key that is there already was not meant a second time.
        let free = names.filter { !given.contains($0) }
        return ConfigurationFault(
            at: entry.keyPosition, path: path.key(entry.key).description, problem: "unknown key",
            allowed: "allowed here: \(ShownText.list(names))",
            remedy: Spelling.suggestion(for: entry.key, among: free))
    }
}
