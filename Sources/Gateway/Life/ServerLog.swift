import Foundation
import Proxy

/// What the process says of itself, in the same file and form as the access log.
///
/// Start, reload, certificates and drain: few lines, so each is written at once.
public struct ServerLog: Sendable {
    private let write: @Sendable ([UInt8]) -> Void
    private let settings: LogSettings
    private let now: @Sendable () -> Date

    init(
        settings: LogSettings, now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.settings = settings
        self.now = now
        self.write = write
    }

    func error(_ event: String, _ message: String, _ fields: [String: String] = [:]) {
        line(.error, event, message, fields)
    }

    func warning(_ event: String, _ message: String, _ fields: [String: String] = [:]) {
        line(.warning, event, message, fields)
    }

    func info(_ event: String, _ message: String, _ fields: [String: String] = [:]) {
        line(.info, event, message, fields)
    }

    private func line(_ level: LogSettings.Level, _ event: String, _ message: String, _ fields: [String: String]) {
        let order = LogSettings.Level.allCases
        guard let this = order.firstIndex(of: level), let least = order.firstIndex(of: settings.level), this <= least
        else { return }
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch settings.format {
        case .json:
            var document = fields
            document["time"] = time
            document["kind"] = "server"
            document["level"] = level.rawValue
            document["event"] = event
            document["message"] = message
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(document) else { return }
            write([UInt8](data) + [0x0A])
        case .text:
            let rest = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
            write(Array("\(time) \(level.rawValue) \(event) \(Self.quoted(message))\(rest)\n".utf8))
        }
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "\n", with: "\\n") + "\""
    }
}
