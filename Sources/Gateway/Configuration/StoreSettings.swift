/// `store`, `encryption` and `control_socket`: where state lies, and how commands reach the server that holds it.
/// Every path is absolute.
public struct StoreSettings: Sendable, Hashable {
    /// `store.sqlite.directory`: the databases; made where it is missing.
    public var directory: String
    /// `encryption.master_key_file`: the key that all others hang on.
    public var masterKeyFile: String
    /// `control_socket`: the socket through which commands speak with the server; at most
    /// `longestControlSocket` bytes.
    public var controlSocket: String

    /// A unix socket's path has 108 bytes with its end (`sun_path`, unix(7)); the rest is for a name beside it.
    public static let longestControlSocket = 100

    /// Puts the paths together; without them nothing is kept, as `upstream-echo` keeps nothing.
    public init(directory: String = "", masterKeyFile: String = "", controlSocket: String = "") {
        self.directory = directory
        self.masterKeyFile = masterKeyFile
        self.controlSocket = controlSocket
    }
}
