import Core
import Login
import SAML
import Synchronization

/// How a running gateway takes in changed files of providers' metadata: as it takes in certificates, without a reload.
extension GatewayServer {
    /// The files that connections name, each by its absolute path.
    static func metadataFiles(_ settings: GatewaySettings) -> [String] {
        let paths = settings.tenantFiles.flatMap(\.connections).compactMap { connection -> String? in
            if case .file(_, let path) = connection.metadata { path } else { nil }
        }
        return Array(Set(paths)).sorted()
    }

    /// Reads metadata files that have changed.  One that cannot be used is left alone, and what it said before goes on.
    func lookAtMetadata() {
        let (changed, settings) = state.withLock { ($0.metadataWatch.changes(), $0.settings) }
        guard !changed.isEmpty else { return }
        var (fresh, documents) = (settings, [String: [UInt8]]())
        for path in changed {
            switch Self.metadata(at: path) {
            case .success(let document): documents[path] = document
            case .failure(let fault):
                log.warning(
                    "metadata-kept", "a changed metadata file cannot be used; the old one goes on: \(fault.words)",
                    ["file": path])
            }
        }
        guard !documents.isEmpty else { return }
        for file in fresh.tenantFiles.indices {
            for (index, connection) in fresh.tenantFiles[file].connections.enumerated() {
                guard case .file(_, let path) = connection.metadata, let document = documents[path] else { continue }
                fresh.tenantFiles[file].connections[index].metadata = .file(document: document, path: path)
            }
        }
        state.withLock { [fresh] in $0.settings = fresh }
        let (data, taken) = (data, fresh)
        do {
            _ = try Awaiting.result { try await data.refresh(taken) }
            log.info(
                "metadata-read", "changed metadata files were read",
                ["files": documents.keys.sorted().joined(separator: " ")])
        } catch {
            data.monitor.note(error, at: Clocks.monotonic())
            log.error("tenants-kept", "changed metadata cannot be used now: \(error)")
        }
    }

    private struct Unusable: Error {
        let words: String
    }

    private static func metadata(at path: String) -> Result<[UInt8], Unusable> {
        switch FileInspector.ofThisMachine.read(path, MetadataReader.longestDocument) {
        case .failure(let failure): return .failure(Unusable(words: failure.words(for: "file").problem))
        case .success(let content):
            switch MetadataInspection.check(content.bytes) {
            case .unusable(let words): return .failure(Unusable(words: words))
            case .usable: return .success(content.bytes)
            }
        }
    }
}
