/// A YAML document as the schema reads it: scalars are texts, every node knows its place, and there are no
/// aliases, no tags and no repeated keys left.
struct ConfigurationNode: Sendable {
    indirect enum Content: Sendable {
        case scalar(String)
        case sequence([ConfigurationNode])
        case mapping([Entry])
        /// `key:` with nothing behind it.
        case nothing
        /// Reported already; whoever reads it stays silent.
        case unreadable
    }

    struct Entry: Sendable {
        let key: String
        let keyPosition: SourcePosition
        let value: ConfigurationNode
    }

    var content: Content
    var position: SourcePosition

    /// The same content, all of it placed at `position`: a default stands where its section stands.
    func relocated(to position: SourcePosition) -> ConfigurationNode {
        switch content {
        case .scalar, .nothing, .unreadable: ConfigurationNode(content: content, position: position)
        case .sequence(let nodes):
            ConfigurationNode(content: .sequence(nodes.map { $0.relocated(to: position) }), position: position)
        case .mapping(let entries):
            ConfigurationNode(
                content: .mapping(
                    entries.map {
                        Entry(key: $0.key, keyPosition: position, value: $0.value.relocated(to: position))
                    }),
                position: position)
        }
    }

    /// What stands here, as a fault names it.
    var noun: String {
        switch content {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .nothing, .unreadable: "nothing"
        }
    }
}
