/// `telemetry`: what the gateway says about itself.
public struct TelemetrySettings: Sendable, Hashable {
    /// `telemetry.log`.
    public var log: LogSettings

    /// JSON at level info to standard output unless given.
    public init(log: LogSettings = LogSettings()) { self.log = log }
}

/// `telemetry.log`.
public struct LogSettings: Sendable, Hashable {
    /// What is worth a line; each level includes those before it.
    public enum Level: String, Sendable, CaseIterable, Hashable { case error, warning, info, debug }

    /// How a line is written.
    public enum Format: String, Sendable, CaseIterable, Hashable {
        /// One JSON object a line.
        case json
        /// `key=value` pairs for people.
        case text
    }

    /// `level`.
    public var level: Level
    /// `format`.
    public var format: Format
    /// `file`: absolute; nil is standard output.
    public var file: String?

    /// JSON at level info to standard output unless given.
    public init(level: Level = .info, format: Format = .json, file: String? = nil) {
        self.level = level
        self.format = format
        self.file = file
    }
}
