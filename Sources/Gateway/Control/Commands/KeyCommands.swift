import Core
import Portal
import Store

/// `gatehouse keys …`.
public enum KeyCommands {
    /// What is known of a master key and of the data.
    struct Status: Codable, Hashable, Sendable {
        let keyFile: String
        /// Nil where the file cannot be used.
        let keyFingerprint: String?
        let dataFolder: String
        /// Nil where there is no data yet.
        let dataFingerprint: String?
        let isServerRunning: Bool

        enum CodingKeys: String, CodingKey {
            case keyFile = "key_file"
            case keyFingerprint = "key_fingerprint"
            case dataFolder = "data_folder"
            case dataFingerprint = "data_fingerprint"
            case isServerRunning = "is_server_running"
        }
    }

    /// Makes a master key where the configuration wants one.
    public static func make(file: String, environment: [String: String]) throws(OperatorFault) -> CommandOutput {
        try make(OperatorConfiguration.read(file: file, environment: environment).whole.get().store)
    }

    static func make(
        _ settings: StoreSettings, ignorance: GitIgnorance = GitIgnorance()
    ) throws(OperatorFault) -> CommandOutput {
        let path = settings.masterKeyFile
        guard !KeyFolder.exists(path) else { throw OperatorFault(StoreFault.masterKeyExists(path: path)) }
        // Another key would not open what is there.
        guard !hasData(settings) else {
            throw OperatorFault(
                .badConfiguration,
                "\(settings.directory) holds data that was sealed under another key; put back the copy of it that you "
                    + "kept at \(path), or name another data folder")
        }
        if case .exposed(let tree) = ignorance.judge(path) {
            throw OperatorFault(
                .badConfiguration,
                "\(path) would lie in the Git work tree \(tree), which does not ignore it: one commit would give the key "
                    + "away for good; add it to \(tree)/.gitignore, or name another place in encryption.master_key_file"
            )
        }
        let folder = PathText.folder(of: path)
        if !folder.isEmpty, let words = KeyFolder.make(folder) {
            throw OperatorFault(.badConfiguration, "the folder \(folder) cannot be made: \(words)")
        }
        let key: MasterKey
        do { key = try MasterKeyFile.create(at: path) } catch { throw OperatorFault(error) }
        return CommandOutput(
            "\(path)\nfingerprint: \(key.fingerprint)\n",
            note: """
                Keep a copy of this file elsewhere, apart from the backups: without it, the data and every backup are \
                lost.

                """)
    }

    /// Holds the key against the data.
    public static func verify(
        file: String, environment: [String: String]
    ) throws(OperatorFault) -> CommandOutput {
        try verify(OperatorConfiguration.read(file: file, environment: environment))
    }

    static func verify(_ configuration: OperatorConfiguration) throws(OperatorFault) -> CommandOutput {
        let reading = try read(configuration.store)
        let data = try dataFingerprint(configuration)
        let warnings = (reading.warnings + data.warnings).map { "warning: \($0)\n" }.joined()
        guard let fingerprint = data.fingerprint else {
            return CommandOutput(
                "ok: \(reading.key.fingerprint); \(configuration.store.directory) holds no data yet\n", note: warnings)
        }
        guard fingerprint == reading.key.fingerprint else {
            throw OperatorFault(
                StoreFault.masterKeyDiffers(expected: fingerprint, found: reading.key.fingerprint))
        }
        return CommandOutput(
            "ok: \(fingerprint) is the key of the data in \(configuration.store.directory)\n", note: warnings)
    }

    /// Says what is known, without judging.
    public static func status(
        file: String, environment: [String: String], asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        try status(OperatorConfiguration.read(file: file, environment: environment), asJSON: asJSON)
    }

    static func status(_ configuration: OperatorConfiguration, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        var note = ""
        var key: MasterKeyFile.Reading?
        do { key = try read(configuration.store) } catch { note = "\(error)\n" }
        var data = DataKey()
        do { data = try dataFingerprint(configuration) } catch  where note.isEmpty { note = "\(error)\n" } catch {}
        let status = Status(
            keyFile: configuration.store.masterKeyFile, keyFingerprint: key?.key.fingerprint,
            dataFolder: configuration.store.directory, dataFingerprint: data.fingerprint,
            isServerRunning: data.isServerRunning)
        var output = CommandOutput.resource(
            status, asJSON: asJSON,
            parts: [
                ("key file", status.keyFile), ("key", status.keyFingerprint ?? "none that can be used"),
                ("data folder", status.dataFolder), ("data's key", status.dataFingerprint ?? "not known"),
                ("server", status.isServerRunning ? "running" : "not running"),
            ])
        output.note = data.warnings.map { "warning: \($0)\n" }.joined() + note
        return output
    }

    private static func read(_ settings: StoreSettings) throws(OperatorFault) -> MasterKeyFile.Reading {
        do { return try MasterKeyFile.read(settings.masterKeyFile) } catch { throw OperatorFault(error) }
    }

    private static func hasData(_ settings: StoreSettings) -> Bool { KeyFolder.exists(settings.directory + "/keys.db") }

    /// What is known of the key that the data is sealed under.
    private struct DataKey {
        /// Nil where there is no data yet.
        var fingerprint: String?
        var isServerRunning = false
        /// Of the configuration that led to a running server.
        var warnings: [String] = []
    }

    /// The fingerprint of the key that the data is sealed under: the server's word, or that of the opened folder.
    private static func dataFingerprint(
        _ configuration: OperatorConfiguration
    ) throws(OperatorFault) -> DataKey {
        // To look must not make a data folder.
        guard hasData(configuration.store) else {
            _ = try configuration.whole.get()
            return DataKey()
        }
        let client = try OperatorClient.open(configuration)
        defer { client.close() }
        let key = try client.ask(OperatorRequest(method: .get, path: "/keys"), for: KeyResource.self)
        return DataKey(
            fingerprint: key.masterKeyFingerprint, isServerRunning: client.isServerRunning,
            warnings: client.isServerRunning ? client.warnings : [])
    }
}
