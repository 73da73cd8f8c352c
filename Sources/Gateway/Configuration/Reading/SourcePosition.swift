/// A place in a configuration file, as editors count it.
public struct SourcePosition: Hashable, Sendable {
    /// The file's path as faults show it: relative where the command line named it so.
    public var file: String
    /// From 1; 0 where the fault concerns the file as a whole.
    public var line: Int
    /// From 1, in Unicode scalars; 0 where the fault concerns the file as a whole.
    public var column: Int

    /// A place in `file`; without line and column, the file as a whole.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `config/gatehouse.yaml:41:9`, or the file alone.
    public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// A value with the place and the key that it came from, for checks that compare several keys.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let position: SourcePosition
    let path: ConfigurationPath
}

/// The way to a key from the top of its file: `routes[2].match.host`.
struct ConfigurationPath: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// The top of a file.
    static let top = ConfigurationPath(description: "")

    /// One key further down.
    func key(_ name: String) -> ConfigurationPath {
        let shown = ShownText.escaped(name)
        return ConfigurationPath(description: description.isEmpty ? shown : "\(description).\(shown)")
    }

    /// One list entry further down; counted from 0.
    func entry(_ index: Int) -> ConfigurationPath { ConfigurationPath(description: "\(description)[\(index)]") }
}
