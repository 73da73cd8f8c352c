/// What may stand at a place of a configuration file, as data: the reader's keys, `config/schema.json` and the
/// tests that hold reference.yaml against the code are all made from it.
indirect enum SchemaShape: Sendable {
    case scalar(ScalarShape)
    case list(of: SchemaShape, count: ClosedRange<Int>)
    /// A mapping with these keys and no others.
    case mapping([KeyDeclaration])
    /// A mapping whose keys are names that the operator chooses.
    case entries(of: SchemaShape, names: NameGrammar, count: ClosedRange<Int>)
    /// One of two, told apart by their YAML kind.
    case either(SchemaShape, SchemaShape)
}

/// What a text must look like.
struct ScalarShape: Sendable {
    /// As faults name it, with its article: `a duration`.
    let noun: String
    /// The allowed values, units and bounds in words.
    let allowed: String
    /// The JSON Schema of it, without the variables that may stand for any string.
    let json: JSONValue
}

/// One key, as declared: everything about it but its type.
struct KeyDeclaration: Sendable {
    enum Presence: Sendable {
        case required
        /// Absent means that what it asks for is not asked for.
        case optional
        /// The default as YAML.
        case defaulted(String)
    }

    let name: String
    let shape: SchemaShape
    let presence: Presence
    /// What the key does, for schema.json and for the fault about its absence.
    let summary: String
}

/// The grammar of a name.
struct NameGrammar: Sendable {
    /// With its article: `a role name`.
    let noun: String
    /// In words.
    let allowed: String
    /// As an ECMA 262 pattern (JSON Schema 2020-12 §6.3.3).
    let pattern: String
    /// The octets that it is made of.
    let isAllowed: @Sendable (UInt8) -> Bool
    /// Bytes.
    let length: ClosedRange<Int>

    /// True where `text` follows the grammar.
    func matches(_ text: String) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    /// `[a-z0-9_-]{1,63}`: routes, upstreams, roles.
    static func identifier(_ noun: String) -> NameGrammar {
        NameGrammar(
            noun: noun, allowed: "1 to 63 of a-z, 0-9, _ and -", pattern: "^[a-z0-9_-]{1,63}$",
            isAllowed: {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            },
            length: 1...63)
    }

    /// `[a-z0-9-]{1,63}`: tenants.
    static let tenant = NameGrammar(
        noun: "a tenant id", allowed: "1 to 63 of a-z, 0-9 and -", pattern: "^[a-z0-9-]{1,63}$",
        isAllowed: { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }, length: 1...63)
}

extension SchemaShape {
    /// Every key below this place, as a path without positions: `routes[].match.host`,
    /// `upstreams.*.servers`.  Both forms of an `either` count.
    func declaredPaths(below prefix: String = "") -> [(path: String, declaration: KeyDeclaration)] {
        switch self {
        case .scalar: []
        case .list(let element, _): element.declaredPaths(below: prefix + "[]")
        case .entries(let element, _, _): element.declaredPaths(below: prefix + ".*")
        case .either(let one, let other): one.declaredPaths(below: prefix) + other.declaredPaths(below: prefix)
        case .mapping(let keys):
            keys.flatMap { key in
                let path = prefix.isEmpty ? key.name : "\(prefix).\(key.name)"
                return [(path, key)] + key.shape.declaredPaths(below: path)
            }
        }
    }

    /// What belongs here, as a fault names it.
    var expectation: String {
        switch self {
        case .scalar(let shape): "\(shape.noun): \(shape.allowed)"
        case .list: "a list"
        case .mapping(let keys): "a mapping with the keys \(ShownText.list(keys.map(\.name)))"
        case .entries(_, let names, _): "a mapping from \(names.noun) to its settings"
        case .either(let one, let other): "\(one.expectation), or \(other.expectation)"
        }
    }
}
