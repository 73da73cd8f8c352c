import Foundation
import Store
import Testing

@testable import Gateway

@Suite("The master key is made once, in a safe place, and held against the data")
struct KeyCommandTests {
    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("a key is made in a folder of its own, with its fingerprint and the warning to keep a copy")
    func made() throws {
        let folder = try OperatorFolder(hasKey: false)
        let output = try KeyCommands.make(folder.settings.store)
        let path = folder.settings.store.masterKeyFile
        let fingerprint = try MasterKeyFile.read(path).key.fingerprint
        #expect(output.text == "\(path)\nfingerprint: \(fingerprint)\n")
        #expect(output.note.contains("copy"))
        #expect(output.note.contains("lost"))
        #expect(try permissions(path) == 0o600)
        #expect(try permissions(folder.path + "/keys") == 0o700)
    }

    @Test("a key that is there is never overwritten")
    func kept() throws {
        let folder = try OperatorFolder()
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.settings.store.masterKeyFile))
        let fault = #expect(throws: OperatorFault.self) { try KeyCommands.make(folder.settings.store) }
        #expect(fault?.kind == .badConfiguration)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.settings.store.masterKeyFile)) == before)
    }

    @Test("no other key is made for data that has one")
    func notForOldData() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.listTenants(asJSON: false) }
        try FileManager.default.removeItem(atPath: folder.settings.store.masterKeyFile)
        let fault = #expect(throws: OperatorFault.self) { try KeyCommands.make(folder.settings.store) }
        #expect(fault?.kind == .badConfiguration)
        #expect(!FileManager.default.fileExists(atPath: folder.settings.store.masterKeyFile))
    }

    @Test("a folder that cannot be made is a fault, and nothing is left")
    func noParent() throws {
        let folder = try OperatorFolder(hasKey: false)
        var settings = folder.settings.store
        settings.masterKeyFile = folder.path + "/missing/keys/master.key"
        let fault = #expect(throws: OperatorFault.self) { try KeyCommands.make(settings) }
        #expect(fault?.kind == .badConfiguration)
    }

    @Test("in a Git work tree that would take the key up none is made; one that ignores it is well")
    func workTree() throws {
        let folder = try OperatorFolder(hasKey: false)
        try FileManager.default.createDirectory(atPath: folder.path + "/.git", withIntermediateDirectories: false)
        let withoutGit = GitIgnorance(askGit: { _, _ in nil })
        let fault = #expect(throws: OperatorFault.self) {
            try KeyCommands.make(folder.settings.store, ignorance: withoutGit)
        }
        #expect(fault?.kind == .badConfiguration)
        #expect(fault?.description.contains(".gitignore") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/keys"))
        try Data("keys/\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/.gitignore"))
        _ = try KeyCommands.make(folder.settings.store, ignorance: withoutGit)
        #expect(FileManager.default.fileExists(atPath: folder.settings.store.masterKeyFile))
    }

    @Test("git's own word counts more than a reading of its files")
    func gitsWord() throws {
        let folder = try OperatorFolder(hasKey: false)
        try FileManager.default.createDirectory(atPath: folder.path + "/.git", withIntermediateDirectories: false)
        let path = folder.settings.store.masterKeyFile
        #expect(GitIgnorance(askGit: { _, _ in true }).judge(path) == .ignored)
        guard case .exposed = GitIgnorance(askGit: { _, _ in false }).judge(path) else {
            Issue.record("exposed files must be found")
            return
        }
    }

    @Test("the right key is ok, also before there is data, and without making a folder for it")
    func verified() async throws {
        let folder = try OperatorFolder()
        let settings = folder.settings
        let before = try await onOwnThread { try KeyCommands.verify(OperatorConfiguration(settings)) }
        #expect(before.text.hasPrefix("ok: "))
        #expect(!FileManager.default.fileExists(atPath: settings.store.directory))
        _ = try await folder.withClient { try $0.listTenants(asJSON: false) }
        let after = try await onOwnThread { try KeyCommands.verify(OperatorConfiguration(settings)) }
        #expect(after.text.contains(settings.store.directory))
    }

    @Test("another key than the data's is told with both fingerprints, by the folder and by a server")
    func differs() async throws {
        let folder = try OperatorFolder()
        let settings = folder.settings
        _ = try await folder.withClient { try $0.listTenants(asJSON: false) }
        let path = settings.store.masterKeyFile
        let old = try MasterKeyFile.read(path).key.fingerprint
        try FileManager.default.removeItem(atPath: path)
        let new = try MasterKeyFile.create(at: path).fingerprint
        func fault() async -> OperatorFault? {
            await #expect(throws: OperatorFault.self) {
                _ = try await onOwnThread { try KeyCommands.verify(OperatorConfiguration(settings)) }
            }
        }
        let byFolder = try #require(await fault())
        #expect(byFolder.kind == .badConfiguration)
        #expect(byFolder.description.contains(old) && byFolder.description.contains(new))
        let json = #"{"master_key_fingerprint":"\#(old)"}"#
        let server = try UnixServer(
            path: settings.store.controlSocket,
            answer: Array("HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8))
        let byServer = try #require(await fault())
        #expect(byServer.description == byFolder.description)
        #expect(!server.requests.isEmpty)
    }

    @Test("the status tells what is known, and judges nothing")
    func status() async throws {
        let folder = try OperatorFolder(hasKey: false)
        let settings = folder.settings
        let without = try await onOwnThread { try KeyCommands.status(OperatorConfiguration(settings), asJSON: false) }
        #expect(without.text.contains("none that can be used"))
        #expect(without.note.contains("gatehouse keys init"))
        _ = try KeyCommands.make(settings.store)
        let with = try await onOwnThread { try KeyCommands.status(OperatorConfiguration(settings), asJSON: true) }
        #expect(with.text.contains(try MasterKeyFile.read(settings.store.masterKeyFile).key.fingerprint))
    }
}
