/// What the configuration may ask of the file system, as closures, so that a test can refuse a file that the
/// test's own user could read.
public struct FileInspector: Sendable {
    /// A file's bytes and who may read it.
    public struct Content: Sendable, Hashable {
        /// All of it.
        public var bytes: [UInt8]
        /// The low twelve bits of its mode (POSIX `st_mode`), after links were followed.
        public var permissions: UInt32

        /// Puts both together.
        public init(bytes: [UInt8], permissions: UInt32) {
            self.bytes = bytes
            self.permissions = permissions
        }
    }

    /// Why a file or folder cannot be read.
    public enum Failure: Error, Sendable, Hashable {
        /// ENOENT, ENOTDIR.
        case missing
        /// EACCES, EPERM.
        case notPermitted
        /// A folder where a file is meant.
        case isFolder
        /// A file where a folder is meant.
        case isNoFolder
        /// A device, a pipe or a socket; it is not opened for reading, so that none can hang the start.
        case isSpecial
        /// More bytes than were asked for.
        case tooLarge
        /// Anything else, in the system's words.
        case other(String)
    }

    /// Absolute; relative paths of the command line start here.
    public var currentFolder: String
    /// The whole content of a regular file, up to so many bytes.
    public var read: @Sendable (_ path: String, _ mostBytes: Int) -> Result<Content, Failure>
    /// The names in a folder, in no order.
    public var list: @Sendable (_ path: String) -> Result<[String], Failure>
    /// Why there is no folder at a path; nil where there is one, whoever may read it.
    public var folder: @Sendable (_ path: String) -> Failure?

    /// Takes closures in place of the machine's file system.
    public init(
        currentFolder: String,
        read: @escaping @Sendable (_ path: String, _ mostBytes: Int) -> Result<Content, Failure>,
        list: @escaping @Sendable (_ path: String) -> Result<[String], Failure>,
        folder: @escaping @Sendable (_ path: String) -> Failure?
    ) {
        self.currentFolder = currentFolder
        self.read = read
        self.list = list
        self.folder = folder
    }
}

extension FileInspector.Failure {
    /// What was found, as a fault says it, with what to do.
    func words(for noun: String) -> (problem: String, remedy: String?) {
        switch self {
        case .missing: ("no such \(noun)", "create it, or mend the path")
        case .notPermitted:
            ("the \(noun) cannot be read: permission denied", "give the gateway's user the right to read it")
        case .isFolder: ("this is a folder", "name a file")
        case .isNoFolder: ("this is not a folder", "name a folder")
        case .isSpecial: ("this is a device, a pipe or a socket", "name a regular file")
        case .tooLarge: ("the \(noun) is too large", nil)
        case .other(let words): ("the \(noun) cannot be read: \(words)", nil)
        }
    }
}

/// Paths as the configuration joins them: by text alone, links are left to the system.
enum PathText {
    /// `path` seen from `folder`; an absolute path stays.
    static func joined(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty || folder == "." { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return folder.hasSuffix("/") ? folder + relative : "\(folder)/\(relative)"
    }

    /// The folder of a file; "" where the path has none.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
