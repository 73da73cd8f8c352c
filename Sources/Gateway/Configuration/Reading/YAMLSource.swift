import Yams

/// Reads YAML into `ConfigurationNode`s; the only place that knows the YAML library.
enum YAMLSource {
    /// Mappings and lists in one another.
    static let deepest = 16

    /// The document in `bytes`, and what is wrong with it.  A file without a document is an empty mapping.
    ///
    /// Variables are replaced by `variables` on the way.  Where the text is no YAML at all there is one fault
    /// and no node; a fault inside (an alias, an unset variable) leaves an unreadable node in its place, so
    /// that the rest is still judged.
    static func read(
        _ bytes: [UInt8], file: String, variables: inout VariableReplacement
    ) -> (node: ConfigurationNode?, faults: [ConfigurationFault]) {
        do throws(ConfigurationFault) {
            let text = try YAMLScan.text(of: bytes, file: file)
            // Nodes hold their anchors weakly: the parser must outlive the conversion.
            let (parser, root) = try compose(text, file: file)
            var conversion = YAMLConversion(file: file, variables: variables)
            let node = withExtendedLifetime(parser) {
                root.map { conversion.convert($0, path: .top, depth: 1) }
            }
            variables = conversion.variables
            let start = SourcePosition(file: file, line: 1, column: 1)
            return (node ?? ConfigurationNode(content: .mapping([]), position: start), conversion.faults)
        } catch {
            return (nil, [error])
        }
    }

    private static func compose(_ text: String, file: String) throws(ConfigurationFault) -> (Parser?, Node?) {
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            return (parser, try parser.singleRoot())
        } catch let error as YamlError {
            throw YAMLFailure.fault(error, text: text, file: file)
        } catch {
            throw ConfigurationFault(at: SourcePosition(file: file), problem: "not readable as YAML: \(error)")
        }
    }
}

/// The way from the library's nodes to ours.
private struct YAMLConversion {
    let file: String
    var variables: VariableReplacement
    var faults: [ConfigurationFault] = []

    init(file: String, variables: VariableReplacement) {
        self.file = file
        self.variables = variables
    }

    mutating func convert(_ node: Node, path: ConfigurationPath, depth: Int) -> ConfigurationNode {
        let position = position(of: node)
        let unreadable = ConfigurationNode(content: .unreadable, position: position)
        guard depth <= YAMLSource.deepest else {
            faults.append(
                ConfigurationFault(
                    at: position, path: path.description,
                    problem: "nested deeper than \(YAMLSource.deepest) levels"))
            return unreadable
        }
        guard node.anchor == nil else {
            faults.append(YAMLScan.aliasFault(at: position))
            return unreadable
        }
        if let tag = explicitTag(of: node) {
            faults.append(
                ConfigurationFault(
                    at: position, path: path.description, problem: "the tag \(ShownText.quoted(tag)) stands here",
                    allowed: "no tags are read", remedy: "delete it; the key says what its value is"))
            return unreadable
        }
        switch node {
        case .scalar(let scalar): return convert(scalar, path: path, position: position)
        case .sequence(let sequence):
            let entries = sequence.enumerated().map { index, entry in
                convert(entry, path: path.entry(index), depth: depth + 1)
            }
            return ConfigurationNode(content: .sequence(entries), position: position)
        case .mapping(let mapping):
            return convert(mapping, path: path, position: position, depth: depth)
        case .alias:
            faults.append(YAMLScan.aliasFault(at: position))
            return unreadable
        }
    }

    private mutating func convert(
        _ scalar: Node.Scalar, path: ConfigurationPath, position: SourcePosition
    ) -> ConfigurationNode {
        if scalar.style == .plain, scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null" {
            return ConfigurationNode(content: .nothing, position: position)
        }
        switch variables.replaced(in: scalar.string) {
        case .success(let text): return ConfigurationNode(content: .scalar(text), position: position)
        case .failure(let failure):
            faults.append(failure.fault(at: position, path: path))
            return ConfigurationNode(content: .unreadable, position: position)
        }
    }

    private mutating func convert(
        _ mapping: Node.Mapping, path: ConfigurationPath, position: SourcePosition, depth: Int
    ) -> ConfigurationNode {
        var entries: [ConfigurationNode.Entry] = []
        for (key, value) in mapping {
            let keyPosition = self.position(of: key)
            guard key.anchor == nil else {
                faults.append(YAMLScan.aliasFault(at: keyPosition))
                continue
            }
            guard case .scalar(let name) = key else {
                faults.append(
                    ConfigurationFault(
                        at: keyPosition, path: path.description, problem: "a key is a list or a mapping",
                        allowed: "keys are names"))
                continue
            }
            let converted = convert(value, path: path.key(name.string), depth: depth + 1)
            entries.append(.init(key: name.string, keyPosition: keyPosition, value: converted))
        }
        return ConfigurationNode(content: .mapping(entries), position: position)
    }

    private func position(of node: Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// A tag that somebody wrote; quoting gives a scalar the tag of strings, which is none.
    private func explicitTag(of node: Node) -> String? {
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag.rawValue
            case .sequence(let sequence): sequence.tag.rawValue
            case .mapping(let mapping): mapping.tag.rawValue
            case .alias: ""
            }
        return tag.isEmpty || tag == "tag:yaml.org,2002:str" ? nil : tag
    }
}
