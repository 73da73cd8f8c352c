/// One thing that is wrong with the configuration, in four parts: where, what was found, what is allowed,
/// how to mend it.
///
/// All faults of one run are collected and shown together, so that nobody mends a file line by line
/// against a program that stops at the first.
public struct ConfigurationFault: Error, Hashable, Sendable {
    /// Where it stands.
    public var position: SourcePosition
    /// The key, such as `routes[2].upstream`; empty where the fault concerns the file.
    public var path: String
    /// What was found; a text from the file is quoted, shortened to 80 characters, and its control
    /// characters are escaped.
    public var problem: String
    /// What is allowed there; nil where `problem` says it.
    public var allowed: String?
    /// How to mend it; nil where `allowed` says it.
    public var remedy: String?

    /// A fault; see the properties.
    public init(
        at position: SourcePosition, path: String = "", problem: String, allowed: String? = nil, remedy: String? = nil
    ) {
        self.position = position
        self.path = path
        self.problem = problem
        self.allowed = allowed
        self.remedy = remedy
    }
}

extension ConfigurationFault: CustomStringConvertible {
    /// One line: `config/gatehouse.yaml:41:9 routes[2].upstream: "ap" is not …; configured: …; did you mean …?`
    public var description: String {
        let place = path.isEmpty ? "\(position)" : "\(position) \(path)"
        return place + ": " + [problem, allowed, remedy].compactMap { $0 }.joined(separator: "; ")
    }
}

/// Something that works, but that its operator should know: an expired certificate, a key that a group
/// can read, a network that trusts everybody.
public struct ConfigurationWarning: Hashable, Sendable, CustomStringConvertible {
    /// Where it stands.
    public var position: SourcePosition
    /// The key it concerns; empty for the file.
    public var path: String
    /// What was found, and what to do about it.
    public var text: String

    /// A warning; see the properties.
    public init(at position: SourcePosition, path: String = "", text: String) {
        self.position = position
        self.path = path
        self.text = text
    }

    /// One line, the place first.
    public var description: String { (path.isEmpty ? "\(position)" : "\(position) \(path)") + ": warning: " + text }
}
