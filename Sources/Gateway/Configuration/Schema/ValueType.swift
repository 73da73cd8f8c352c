/// A type of value that a key may have: what it looks like, and how it is read.
///
/// `read` reports what is wrong to the reader and then returns nil; it never reports twice.
struct ValueType<Value: Sendable>: Sendable {
    let shape: SchemaShape
    let read: @Sendable (ConfigurationNode, ConfigurationPath, ConfigurationReader) -> Value?
}

/// Why a text is not a value of its type, without the place.
struct ScalarProblem: Error {
    let problem: String
    let allowed: String?
    let remedy: String?

    init(_ problem: String, allowed: String? = nil, remedy: String? = nil) {
        self.problem = problem
        self.allowed = allowed
        self.remedy = remedy
    }
}

extension ValueType {
    /// A text that `parse` understands.
    static func scalar(
        _ shape: ScalarShape, parse: @escaping @Sendable (String) throws(ScalarProblem) -> Value
    ) -> ValueType {
        ValueType(shape: .scalar(shape)) { node, path, reader in
            guard let text = reader.text(of: node, at: path, expected: shape) else { return nil }
            do throws(ScalarProblem) {
                return try parse(text)
            } catch {
                reader.report(
                    ConfigurationFault(
                        at: node.position, path: path.description, problem: error.problem,
                        allowed: error.allowed ?? "allowed: \(shape.allowed)", remedy: error.remedy))
                return nil
            }
        }
    }

    /// The same values, each with its place.
    var located: ValueType<Located<Value>> {
        let read = self.read
        return ValueType<Located<Value>>(shape: shape) { node, path, reader in
            read(node, path, reader).map { Located(value: $0, position: node.position, path: path) }
        }
    }

    /// The same texts, read further.
    func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) -> Other?) -> ValueType<Other> {
        let read = self.read
        return ValueType<Other>(shape: shape) { node, path, reader in read(node, path, reader).flatMap(transform) }
    }

    /// `word` for a scalar, `mapping` for a mapping.
    static func either(word: ValueType, mapping: ValueType) -> ValueType {
        let shape = SchemaShape.either(word.shape, mapping.shape)
        return ValueType(shape: shape) { node, path, reader in
            switch node.content {
            case .scalar: return word.read(node, path, reader)
            case .mapping: return mapping.read(node, path, reader)
            case .sequence, .nothing, .unreadable:
                reader.reportKind(of: node, at: path, expected: shape)
                return nil
            }
        }
    }
}
