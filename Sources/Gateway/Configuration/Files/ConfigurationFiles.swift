/// The files that a configuration names: finds them from its own folder, reads them, and remembers which they
/// were.
final class ConfigurationFiles {
    private let inspector: FileInspector
    private let reader: ConfigurationReader
    /// The folder of gatehouse.yaml as the command line wrote it.
    private let folder: String
    private(set) var sources: [ConfigurationSource] = []
    private var seen: Set<ConfigurationSource> = []

    init(file: String, inspector: FileInspector, reader: ConfigurationReader) {
        self.inspector = inspector
        self.reader = reader
        folder = PathText.folder(of: file)
    }

    /// As faults show it: seen from where the command runs, where the command line named it so.
    func shown(_ path: String) -> String { ShownText.escaped(PathText.joined(folder, path)) }

    /// Where `path`, as a configuration file wrote it, is.
    func absolute(_ path: String) -> String {
        PathText.joined(inspector.currentFolder, PathText.joined(folder, path))
    }

    /// Notes a source; one that several keys name is noted once a kind.
    func note(_ kind: ConfigurationSource.Kind, _ absolutePath: String) {
        let source = ConfigurationSource(kind: kind, path: absolutePath)
        if seen.insert(source).inserted { sources.append(source) }
    }

    /// Why `path`, as a configuration file wrote it, is no folder; nil where it is one.
    func folder(at path: String) -> FileInspector.Failure? { inspector.folder(absolute(path)) }

    /// Reads a file that a key names; a failure is reported at the key.
    func read(
        _ place: Located<String>, kind: ConfigurationSource.Kind, mostBytes: Int
    ) -> FileInspector.Content? {
        let path = absolute(place.value)
        note(kind, path)
        switch inspector.read(path, mostBytes) {
        case .success(let content): return content
        case .failure(let failure):
            let (problem, remedy) = failure.words(for: "file")
            let allowed = failure == .tooLarge ? "allowed: at most \(QuantityText.size(mostBytes))" : nil
            reader.report(place, "\(shown(place.value)): \(problem)", allowed: allowed, remedy: remedy)
            return nil
        }
    }
}
