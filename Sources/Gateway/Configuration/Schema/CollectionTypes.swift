extension ValueType {
    /// A list with so many entries.  Entries that are wrong are reported and left out.
    static func list<Element: Sendable>(
        of element: ValueType<Element>, count: ClosedRange<Int>
    ) -> ValueType where Value == [Element] {
        let shape = SchemaShape.list(of: element.shape, count: count)
        return ValueType(shape: shape) { node, path, reader in
            guard case .sequence(let nodes) = node.content else {
                reader.reportKind(of: node, at: path, expected: shape)
                return nil
            }
            guard count.contains(nodes.count) else {
                reader.report(
                    ConfigurationFault(
                        at: node.position, path: path.description,
                        problem: nodes.isEmpty
                            ? "the list is empty" : "the list has \(nodes.count) entries",
                        allowed: "allowed: \(count.lowerBound) to \(count.upperBound) entries"))
                return nil
            }
            return nodes.enumerated().compactMap { index, node in element.read(node, path.entry(index), reader) }
        }
    }

    /// A list in which no value stands twice.
    static func set<Element: Sendable & Hashable>(
        of element: ValueType<Element>, count: ClosedRange<Int>
    ) -> ValueType where Value == [Element] {
        let list = ValueType<[Located<Element>]>.list(of: element.located, count: count)
        return ValueType(shape: list.shape) { node, path, reader in
            list.read(node, path, reader).map { entries in
                distinct(entries, reader: reader).map(\.value)
            }
        }
    }

    /// As `set`, each value with its place.
    static func locatedSet<Element: Sendable & Hashable>(
        of element: ValueType<Element>, count: ClosedRange<Int>
    ) -> ValueType where Value == [Located<Element>] {
        let list = ValueType<[Located<Element>]>.list(of: element.located, count: count)
        return ValueType(shape: list.shape) { node, path, reader in
            list.read(node, path, reader).map { distinct($0, reader: reader) }
        }
    }

    private static func distinct<Element: Hashable & Sendable>(
        _ entries: [Located<Element>], reader: ConfigurationReader
    ) -> [Located<Element>] {
        var seen: [Element: ConfigurationPath] = [:]
        return entries.filter { entry in
            if let first = seen[entry.value] {
                reader.report(entry, "the same as \(first)", allowed: "each entry once", remedy: "delete one")
                return false
            }
            seen[entry.value] = entry.path
            return true
        }
    }

    /// A mapping whose keys are names of `names`, in the order of the file.
    static func entries<Element: Sendable>(
        of element: ValueType<Element>, names: NameGrammar, count: ClosedRange<Int>
    ) -> ValueType where Value == [(name: Located<String>, value: Element)] {
        let shape = SchemaShape.entries(of: element.shape, names: names, count: count)
        return ValueType(shape: shape) { node, path, reader in
            guard case .mapping(let entries) = node.content else {
                reader.reportKind(of: node, at: path, expected: shape)
                return nil
            }
            guard count.contains(entries.count) else {
                reader.report(
                    ConfigurationFault(
                        at: node.position, path: path.description, problem: "\(entries.count) entries stand here",
                        allowed: "allowed: \(count.lowerBound) to \(count.upperBound)"))
                return nil
            }
            return entries.compactMap { entry in
                let path = path.key(entry.key)
                let name = Located(value: entry.key, position: entry.keyPosition, path: path)
                guard names.matches(entry.key) else {
                    reader.report(
                        name, "\(ShownText.quoted(entry.key)) is not \(names.noun)",
                        allowed: "allowed: \(names.allowed)")
                    return nil
                }
                return element.read(entry.value, path, reader).map { (name, $0) }
            }
        }
    }
}
