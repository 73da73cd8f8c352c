import Foundation
import Testing

@testable import Gateway

@Suite("A .gitignore is read by its plain forms, and in doubt the file is exposed")
struct GitIgnoranceTests {
    /// The verdict on `config/keys/master.key` in a work tree with these files.
    private func isIgnored(_ files: [String: String]) throws -> Bool {
        let tree = try OperatorFolder(hasKey: false).path
        try FileManager.default.createDirectory(atPath: tree + "/config/keys", withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(tree)/\(name)")) }
        return GitIgnorance.isIgnored(tree + "/config/keys/master.key", in: tree)
    }

    @Test(
        "these lines ignore config/keys/master.key",
        arguments: [
            "master.key", "*.key", "keys/", "keys", "config/keys/", "/config/keys/master.key", "config/*/master.key",
            "/config", "# comment\n\n*.key  ", "m?ster.key", "*", "!master.key\n*.key",
        ])
    func ignored(line: String) throws {
        #expect(try isIgnored([".gitignore": line]))
    }

    @Test(
        "these do not",
        arguments: [
            "", "master.key/", "/keys", "/master.key", "*.pem", "#master.key", "*.key\n!master.key", "[m]aster.key",
            "config/**/x", "mas?.key", "config/keys/master.key/x",
        ])
    func exposed(line: String) throws {
        #expect(try !isIgnored([".gitignore": line]))
    }

    @Test("deeper files have the last word, but not below a folder that is ignored")
    func nested() throws {
        #expect(try !isIgnored([".gitignore": "*.key", "config/keys/.gitignore": "!master.key"]))
        #expect(try isIgnored([".gitignore": "keys/", "config/keys/.gitignore": "!master.key"]))
        #expect(try isIgnored(["config/.gitignore": "/keys"]))
    }

    @Test("a path outside every work tree is told apart")
    func outside() throws {
        let folder = try OperatorFolder(hasKey: false)
        #expect(GitIgnorance().judge(folder.path + "/keys/master.key") == .noWorkTree)
    }
}
