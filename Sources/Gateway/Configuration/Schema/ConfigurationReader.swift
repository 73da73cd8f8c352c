/// Collects what one run finds: every fault and every warning of every file.
final class ConfigurationReader {
    private(set) var faults: [ConfigurationFault] = []
    private(set) var warnings: [ConfigurationWarning] = []

    /// Notes a fault and goes on.
    func report(_ fault: ConfigurationFault) { faults.append(fault) }

    /// Notes faults of the layer below.
    func report(_ found: [ConfigurationFault]) { faults += found }

    /// True where a key was refused itself: what was not found below it may be a consequence.
    func hasFault(at path: String) -> Bool { faults.contains { $0.path == path } }

    /// True where something was refused at a key of the top, or below it.
    func hasFault(below key: String) -> Bool {
        faults.contains { $0.path == key || $0.path.hasPrefix(key + ".") || $0.path.hasPrefix(key + "[") }
    }

    /// Notes a fault at a value.
    func report<Value>(
        _ located: Located<Value>, _ problem: String, allowed: String? = nil, remedy: String? = nil
    ) {
        faults.append(
            ConfigurationFault(
                at: located.position, path: located.path.description, problem: problem, allowed: allowed,
                remedy: remedy))
    }

    /// Notes a warning at a value.
    func warn<Value>(_ located: Located<Value>, _ text: String) {
        warnings.append(
            ConfigurationWarning(at: located.position, path: located.path.description, text: text))
    }

    /// The text of a scalar; anything else is reported.
    func text(of node: ConfigurationNode, at path: ConfigurationPath, expected shape: ScalarShape) -> String? {
        if case .scalar(let text) = node.content { return text }
        reportKind(of: node, at: path, expected: .scalar(shape))
        return nil
    }

    /// Reports that another kind of node belongs here; silent where the node was reported already.
    func reportKind(of node: ConfigurationNode, at path: ConfigurationPath, expected shape: SchemaShape) {
        let problem: String
        switch node.content {
        case .unreadable: return
        case .nothing: problem = "nothing stands here"
        case .scalar(let text): problem = ShownText.quoted(text) + " stands here"
        case .sequence, .mapping: problem = "\(node.noun) stands here"
        }
        faults.append(
            ConfigurationFault(
                at: node.position, path: path.description, problem: problem, allowed: "expected \(shape.expectation)"))
    }
}
