import Core
import Foundation
import Store

@testable import Gateway

/// The folder of all data folders, gone when the tests end.
private let root: String = {
    // A socket's path is short: not below a deep temporary folder.
    let path = "/tmp/gh-\(UUID().uuidString.prefix(8))"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return path
}()

/// A place for a master key, a data folder and a control socket, and the settings that name them.
struct OperatorFolder: Sendable {
    let path: String
    let settings: GatewaySettings

    /// - Parameters:
    ///   - tenantFiles: by name, such as `acme.yaml`.
    ///   - files: what they name, by path.
    init(tenantFiles: [String: String] = [:], files: [String: String] = [:], hasKey: Bool = true) throws {
        path = root + "/" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        var folder = ConfigurationFolder()
        for (name, text) in tenantFiles { folder.write("tenants/\(name)", text) }
        for (name, text) in files { folder.write(name, text) }
        var settings = try folder.settings()
        settings.store = StoreSettings(
            directory: path + "/data", masterKeyFile: path + "/keys/master.key", controlSocket: path + "/control.sock")
        self.settings = settings
        if hasKey {
            try FileManager.default.createDirectory(atPath: path + "/keys", withIntermediateDirectories: false)
            _ = try MasterKeyFile.create(at: settings.store.masterKeyFile)
        }
    }

    /// Opens the way, does something and closes it again.
    func withClient<Value: Sendable>(
        _ body: @escaping @Sendable (OperatorClient) throws -> Value
    ) async throws -> Value {
        let settings = settings
        return try await onOwnThread {
            let client = try OperatorClient.open(OperatorConfiguration(settings))
            defer { client.close() }
            return try body(client)
        }
    }

    /// The fault that opening and doing something ends with; nil where all is well.
    func fault(_ body: @escaping @Sendable (OperatorClient) throws -> CommandOutput) async throws -> OperatorFault? {
        do {
            _ = try await withClient(body)
            return nil
        } catch let fault as OperatorFault {
            return fault
        }
    }
}

extension ConfigurationFolder {
    /// The faults as values.
    var found: [ConfigurationFault] {
        if case .failure(let faults) = load("g.yaml").settings { faults.faults } else { [] }
    }
}
