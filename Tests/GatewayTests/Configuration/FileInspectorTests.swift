import Foundation
import Proxy
import Testing

@testable import Gateway

@Suite("The machine's files are read whole, bounded, and never waited for")
struct FileInspectorTests {
    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    private func write(_ path: String, _ bytes: [UInt8], mode: Int) {
        #expect(
            FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: mode]))
    }

    @Test("a file gives its bytes and its permissions, through links as well")
    func regular() throws {
        try withFolder { folder in
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            write("\(folder)/a", bytes, mode: 0o640)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/b", withDestinationPath: "a")
            let expected = FileInspector.Content(bytes: bytes, permissions: 0o640)
            #expect(FileInspector.ofThisMachine.read("\(folder)/a", 200_000) == .success(expected))
            #expect(FileInspector.ofThisMachine.read("\(folder)/b", 200_000) == .success(expected))
            #expect(FileInspector.ofThisMachine.read("\(folder)/a", 199_999) == .failure(.tooLarge))
        }
    }

    @Test("what is no file is refused at once")
    func special() throws {
        try withFolder { folder in
            let inspector = FileInspector.ofThisMachine
            #expect(inspector.read("\(folder)/none", 10) == .failure(.missing))
            #expect(inspector.read("\(folder)/none/deeper", 10) == .failure(.missing))
            #expect(inspector.read(folder, 10) == .failure(.isFolder))
            #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(inspector.read("\(folder)/pipe", 10) == .failure(.isSpecial))
            #expect(inspector.read("/dev/zero", 10) == .failure(.isSpecial))
        }
    }

    @Test("a folder gives its names; what is no folder is refused")
    func folders() throws {
        try withFolder { folder in
            let inspector = FileInspector.ofThisMachine
            write("\(folder)/a.yaml", [], mode: 0o600)
            write("\(folder)/b", [], mode: 0o600)
            let names = try inspector.list(folder).get()
            #expect(names.sorted() == ["a.yaml", "b"])
            #expect(inspector.list("\(folder)/a.yaml") == .failure(.isNoFolder))
            #expect(inspector.list("\(folder)/none") == .failure(.missing))
            #expect(inspector.folder(folder) == nil)
            #expect(inspector.folder("\(folder)/none") == .missing)
            #expect(inspector.folder("\(folder)/b") == .isNoFolder)
        }
    }

    @Test("a configuration on disk is read from its own folder")
    func whole() throws {
        try withFolder { folder in
            let memory = ConfigurationFolder()
            for (path, file) in memory.files {
                write(folder + path.dropFirst("/srv".count), file.bytes, mode: Int(file.permissions))
            }
            let outcome = ConfigurationLoader(environment: [:], certificateCheck: nil).load("\(folder)/g.yaml")
            let settings = try outcome.settings.get()
            #expect(settings.proxy.listeners.first?.tls?.certificates.first?.keyFile == "\(folder)/k.key")
            #expect(outcome.warnings == [])
        }
    }
}
