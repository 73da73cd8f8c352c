import Access
import Foundation
import Testing

@testable import Gateway

@Suite("The committed configuration says what the program does")
struct ReferenceTests {
    @Test("schema.json is made from the declared keys (gatehouse check --schema)")
    func schema() throws {
        let document = JSONSchema.document
        #expect(try CommittedFile.text("config/schema.json") == document)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(document.utf8)) }
    }

    @Test(
        "gatehouse.yaml, reference.yaml and the tenant beside them are good",
        arguments: ["gatehouse.yaml", "reference.yaml"])
    func good(_ name: String) throws {
        #expect(try Self.folder().faults("config/\(name)") == [])
        #expect(try Self.folder().load("config/\(name)").warnings == [])
    }

    @Test("reference.yaml names every declared key")
    func names() throws {
        let declared = GatehouseFile.type.shape.declaredPaths().map(\.path)
        let found = Set(try Self.values("config/reference.yaml", GatehouseFile.type.shape).map(\.path))
        #expect(declared.filter { !found.contains($0) } == [])
        let tenant = TenantFile.type.shape.declaredPaths().map(\.path).filter { !$0.hasPrefix("mfa.") }
        let inTenant = Set(try Self.values("config/tenants/acme.yaml", TenantFile.type.shape).map(\.path))
        #expect(tenant.filter { !inTenant.contains($0) } == [])
    }

    @Test("every default in reference.yaml is the program's")
    func defaults() throws {
        // What the text beside the key says instead, because its value shows something else.
        let shownOtherwise: Set = [
            "routes[].match.path", "hosts", "upstreams", "routes", "trusted_proxies", "mfa.grace", "saml",
            "saml[].enabled",
        ]
        for (file, shape) in [
            ("config/reference.yaml", GatehouseFile.type.shape), ("config/tenants/acme.yaml", TenantFile.type.shape),
        ] {
            let values = try Self.values(file, shape)
            for (path, declaration) in shape.declaredPaths() where !shownOtherwise.contains(path) {
                guard case .defaulted(let text) = declaration.presence, text != "{}" else { continue }
                let expected = try Self.node(text)
                let shown = values.filter { $0.path == path }.map(\.node)
                if path == "roles" { continue }
                #expect(
                    shown.contains { Self.same($0, expected) }, "\(file): \(path) is not shown at its default \(text)")
            }
        }
        let roles = try Self.folder().settings("config/reference.yaml").access.roles
        #expect(roles == (try ConfigurationFolder().settings().access.roles))
    }

    /// The committed folder, with a certificate that is not committed.
    private static func folder() throws -> ConfigurationFolder {
        var folder = ConfigurationFolder()
        for path in ["config/gatehouse.yaml", "config/reference.yaml", "config/tenants/acme.yaml"] {
            folder.write(path, try CommittedFile.text(path))
        }
        folder.write("config/tls/app.pem", ConfigurationFolder.chain)
        folder.write("config/tls/app.key", ConfigurationFolder.key)
        return folder
    }

    private static func node(_ text: String) throws -> ConfigurationNode {
        var variables = VariableReplacement(environment: [:])
        let read = YAMLSource.read(Array(text.utf8), file: "text", variables: &variables)
        #expect(read.faults == [])
        return try #require(read.node)
    }

    /// Every value of a committed file with the declared path of its key.
    private static func values(
        _ file: String, _ shape: SchemaShape
    ) throws -> [(path: String, node: ConfigurationNode)] {
        values(try node(CommittedFile.text(file)), shape, "")
    }

    private static func values(
        _ node: ConfigurationNode, _ shape: SchemaShape, _ prefix: String
    ) -> [(path: String, node: ConfigurationNode)] {
        switch (node.content, shape) {
        case (.mapping(let entries), .mapping(let keys)):
            entries.flatMap { entry in
                guard let key = keys.first(where: { $0.name == entry.key }) else {
                    return [] as [(String, ConfigurationNode)]
                }
                let path = prefix.isEmpty ? key.name : "\(prefix).\(key.name)"
                return [(path, entry.value)] + values(entry.value, key.shape, path)
            }
        case (.mapping(let entries), .entries(let element, _, _)):
            entries.flatMap { values($0.value, element, prefix + ".*") }
        case (.mapping, .either(let one, let other)): values(node, one, prefix) + values(node, other, prefix)
        case (.sequence(let nodes), .list(let element, _)): nodes.flatMap { values($0, element, prefix + "[]") }
        default: []
        }
    }

    private static func same(_ one: ConfigurationNode, _ other: ConfigurationNode) -> Bool {
        switch (one.content, other.content) {
        case (.scalar(let left), .scalar(let right)): left == right
        case (.sequence(let left), .sequence(let right)):
            left.count == right.count && zip(left, right).allSatisfy { same($0, $1) }
        default: false
        }
    }
}
