/// The places of state: folders that can be made, a socket's path that the kernel takes, a master key that is one
/// (security.md 25).
struct StoreChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles
    let check: MasterKeyCheck?

    /// The settings; reports what is wrong with them.  Nothing is made here: the store makes its folder itself, one
    /// level deep.
    func settings(for entry: StoreEntry) -> StoreSettings {
        let settings = Self.places(entry, files: files)
        judgeDirectory(entry.directory)
        judgeSocket(entry.controlSocket, path: settings.controlSocket, directory: settings.directory)
        judgeMasterKey(entry.masterKeyFile, path: settings.masterKeyFile, directory: settings.directory)
        return settings
    }

    /// The places alone, made absolute; nothing is looked at.
    static func places(_ entry: StoreEntry, files: ConfigurationFiles) -> StoreSettings {
        let directory = files.absolute(entry.directory.value)
        return StoreSettings(
            directory: directory, masterKeyFile: files.absolute(entry.masterKeyFile.value),
            controlSocket: entry.namesControlSocket
                ? files.absolute(entry.controlSocket.value) : PathText.joined(directory, "control.sock"))
    }

    private func judgeDirectory(_ place: Located<String>) {
        switch files.folder(at: place.value) {
        case nil: break
        case .missing: judgeParent(of: place, noun: "folder")
        case let failure?:
            let (problem, remedy) = failure.words(for: "folder")
            reader.report(place, "\(files.shown(place.value)): \(problem)", remedy: remedy)
        }
    }

    private func judgeSocket(_ place: Located<String>, path: String, directory: String) {
        guard path.utf8.count <= StoreSettings.longestControlSocket else {
            reader.report(
                place, "\(ShownText.quoted(path)) has \(path.utf8.count) bytes",
                allowed: "allowed: \(StoreSettings.longestControlSocket) bytes as an absolute path (unix(7))",
                remedy: "name a shorter one, such as /run/gatehouse/control.sock")
            return
        }
        guard PathText.folder(of: path) != directory else { return }
        judgeParent(of: place, noun: "socket")
    }

    /// The folder in which something is to be made must be there.
    private func judgeParent(of place: Located<String>, noun: String) {
        let parent = PathText.folder(of: place.value)
        guard !parent.isEmpty, files.folder(at: parent) == .missing else { return }
        reader.report(
            place, "\(files.shown(place.value)): the folder of this \(noun) is missing",
            allowed: "the \(noun) is made, the folders above it are not", remedy: "mkdir -p \(files.shown(parent))")
    }

    private func judgeMasterKey(_ place: Located<String>, path: String, directory: String) {
        let shown = files.shown(place.value)
        if path.hasPrefix(directory + "/") {
            reader.warn(
                place,
                "\(shown) lies in the data folder: a copy of that folder gives away what the key seals; keep them apart"
            )
        }
        switch check?(path) {
        case nil: break
        case .missing:
            reader.report(
                place, "\(shown): no master key stands there", allowed: "allowed: a file that this program made",
                remedy: "make one with `gatehouse keys init`, or put back the copy that you kept")
        case .exposed(let mode):
            reader.report(
                place, "\(shown) has mode 0\(String(mode, radix: 8)): others may read or change it",
                allowed: "allowed: mode 0600, or 0640", remedy: "chmod 600 \(shown)")
        case .malformed(let words):
            reader.report(
                place, "\(shown) is no master key: \(ShownText.escaped(words))",
                allowed: "allowed: a file that `gatehouse keys init` made", remedy: "put back the copy that you kept")
        case .unreadable(let words):
            reader.report(
                place, "\(shown) cannot be read: \(ShownText.escaped(words))",
                remedy: "give the gateway's user the right to read it")
        case .usable(let warning): reader.warn(place, ShownText.escaped(warning))
        }
    }
}
