/// `control_socket`, `store` and `encryption` as written.
struct StoreEntry: Sendable {
    let controlSocket: Located<String>
    /// False where the default is meant: `control.sock` in the data folder, wherever that is.
    let namesControlSocket: Bool
    let directory: Located<String>
    let masterKeyFile: Located<String>

    static let controlSocketKey = DefaultedKey(
        "control_socket", ValueType<String>.filePath("a socket").located, default: "data/control.sock",
        "The socket through which commands reach the server while it runs, \(StoreSettings.longestControlSocket) bytes "
            + "at most as an absolute path; without the key control.sock in the data folder.")
    static let storeKey = DefaultedKey("store", StoreEntry.storeType, default: "{}", "Where state is kept.")
    static let encryptionKey = DefaultedKey(
        "encryption", StoreEntry.encryptionType, default: "{}", "What state is sealed with.")

    /// The keys of the top.
    static let names = [controlSocketKey.declaration.name, storeKey.declaration.name, encryptionKey.declaration.name]

    static let sqliteKey = DefaultedKey(
        "sqlite", StoreEntry.sqliteType, default: "{}", "SQLite: one file a tenant, one for keys, one directory.")
    static let directoryKey = DefaultedKey(
        "directory", ValueType<String>.filePath("a folder").located, default: "data",
        "The folder of the databases, one process at a time; made where it is missing.")
    static let masterKeyFileKey = DefaultedKey(
        "master_key_file", ValueType<String>.filePath("a file").located, default: "keys/master.key",
        "The key that all others hang on, made by `gatehouse keys init`; without it the data is lost.")

    static let storeType = ValueType<Located<String>>.mapping([sqliteKey]) { section, _ in section[sqliteKey] }
    static let sqliteType = ValueType<Located<String>>.mapping([directoryKey]) { section, _ in section[directoryKey] }
    static let encryptionType = ValueType<Located<String>>.mapping([masterKeyFileKey]) { section, _ in
        section[masterKeyFileKey]
    }
}
