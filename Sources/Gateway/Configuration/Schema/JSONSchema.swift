/// `config/schema.json`: the declared keys as JSON Schema 2020-12, for editors that complete and check while
/// somebody types.
///
/// It is looser than `gatehouse check`, which alone knows files, other keys and other tenants.
public enum JSONSchema {
    /// The text of `config/schema.json`: gatehouse.yaml at the top, a tenant's file under `$defs/tenant`.
    public static var document: String {
        var members: [(String, JSONValue)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("gatehouse.yaml")),
        ]
        if case .object(let root) = schema(of: GatehouseFile.type.shape) { members += root }
        let tenant = schema(of: TenantFile.type.shape)
        members.append(
            (
                "$defs",
                .object([
                    ("variable", .object([("type", .string("string")), ("pattern", .string("\\$\\{"))])),
                    ("tenant", tenant),
                ])
            ))
        return JSONValue.object(members).document
    }

    private static func schema(of shape: SchemaShape) -> JSONValue {
        switch shape {
        case .scalar(let scalar):
            return .object([("anyOf", .array([scalar.json, .object([("$ref", .string("#/$defs/variable"))])]))])
        case .list(let element, let count):
            return .object([
                ("type", .string("array")), ("minItems", .integer(count.lowerBound)),
                ("maxItems", .integer(count.upperBound)), ("items", schema(of: element)),
            ])
        case .entries(let element, let names, let count):
            return .object([
                ("type", .string("object")), ("minProperties", .integer(count.lowerBound)),
                ("maxProperties", .integer(count.upperBound)),
                ("propertyNames", .object([("pattern", .string(names.pattern))])),
                ("additionalProperties", schema(of: element)),
            ])
        case .either(let one, let other): return .object([("anyOf", .array([schema(of: one), schema(of: other)]))])
        case .mapping(let keys):
            let required = keys.filter { if case .required = $0.presence { true } else { false } }
            var members: [(String, JSONValue)] = [("type", .string("object"))]
            if !required.isEmpty { members.append(("required", .array(required.map { .string($0.name) }))) }
            members.append(("properties", .object(keys.map { ($0.name, property($0)) })))
            members.append(("additionalProperties", .boolean(false)))
            return .object(members)
        }
    }

    private static func property(_ key: KeyDeclaration) -> JSONValue {
        var description = key.summary
        if case .scalar(let shape) = key.shape { description += "  Allowed: \(shape.allowed)." }
        if case .defaulted(let text) = key.presence, text != "{}" { description += "  Default: \(text)" }
        guard case .object(let members) = schema(of: key.shape) else { return schema(of: key.shape) }
        return .object([("description", .string(description))] + members)
    }
}
