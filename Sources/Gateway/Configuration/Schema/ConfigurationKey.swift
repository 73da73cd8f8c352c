/// A key of a mapping, whatever its type.
protocol ConfigurationKey: Sendable {
    var declaration: KeyDeclaration { get }
}

/// A key with a default.
struct DefaultedKey<Value: Sendable>: ConfigurationKey {
    let declaration: KeyDeclaration
    let type: ValueType<Value>
    /// The default as the reader meets it when the key is absent.
    let defaultNode: ConfigurationNode
    /// The default itself.
    let defaultValue: Value

    /// Declares a key.  `defaultText` is YAML; one that its own type refuses is a bug of ours.
    init(_ name: String, _ type: ValueType<Value>, default defaultText: String, _ summary: String) {
        declaration = KeyDeclaration(
            name: name, shape: type.shape, presence: .defaulted(defaultText), summary: summary)
        self.type = type
        let reader = ConfigurationReader()
        var variables = VariableReplacement(environment: [:])
        let read = YAMLSource.read(Array(defaultText.utf8), file: "default of \(name)", variables: &variables)
        guard let node = read.node, let value = type.read(node, .top, reader), reader.faults.isEmpty else {
            preconditionFailure("the default of \(name) is not a value of its type: \(read.faults + reader.faults)")
        }
        defaultNode = node
        defaultValue = value
    }
}

/// A key that must be given.
struct RequiredKey<Value: Sendable>: ConfigurationKey {
    let declaration: KeyDeclaration
    let type: ValueType<Value>

    /// Declares a key.
    init(_ name: String, _ type: ValueType<Value>, _ summary: String) {
        declaration = KeyDeclaration(name: name, shape: type.shape, presence: .required, summary: summary)
        self.type = type
    }
}

/// A key that asks for something only where it is given.
struct OptionalKey<Value: Sendable>: ConfigurationKey {
    let declaration: KeyDeclaration
    let type: ValueType<Value>

    /// Declares a key.
    init(_ name: String, _ type: ValueType<Value>, _ summary: String) {
        declaration = KeyDeclaration(name: name, shape: type.shape, presence: .optional, summary: summary)
        self.type = type
    }
}
