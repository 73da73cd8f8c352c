/// `telemetry.log` as written.
struct LogEntry: Sendable {
    let level: LogSettings.Level
    let format: LogSettings.Format
    /// "" for standard output.
    let file: Located<String>

    static let levelKey = DefaultedKey(
        "level", ValueType<LogSettings.Level>.choice("a log level"), default: "info",
        "What is worth a line; each level includes those before it.")
    static let formatKey = DefaultedKey(
        "format", ValueType<LogSettings.Format>.choice("a log format"), default: "json",
        "One JSON object a line, or key=value pairs.")
    static let fileKey = DefaultedKey(
        "file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "Where lines go; \"\" is standard output.  SIGUSR1 opens it anew.")
    static let logKey = DefaultedKey("log", LogEntry.type, default: "{}", "The log.")

    static let type = ValueType<LogEntry>.mapping([levelKey, formatKey, fileKey]) { section, _ in
        LogEntry(level: section[levelKey], format: section[formatKey], file: section[fileKey])
    }

    /// `telemetry`.
    static let telemetryType = ValueType<LogEntry>.mapping([logKey]) { section, _ in section[logKey] }
}
