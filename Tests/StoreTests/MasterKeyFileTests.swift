import Core
import Foundation
import Testing

@testable import Store

@Suite("Master key file")
struct MasterKeyFileTests {
    @Test("a key that was made is read again, owner only, and is not overwritten")
    func roundTrip() throws {
        let world = try StoreWorld()
        let path = world.folder + "/master.key"
        let key = try MasterKeyFile.create(at: path)
        let reading = try MasterKeyFile.read(path)
        #expect(reading.key.fingerprint == key.fingerprint)
        #expect(reading.warnings.isEmpty)
        #expect(key.fingerprint.utf8.count == 19)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: StoreFault.masterKeyExists(path: path)) { try MasterKeyFile.create(at: path) }
        #expect(MasterKey().fingerprint != key.fingerprint)
    }

    @Test(
        "who else may read it decides",
        arguments: [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o620, false), (0o602, false)])
    func modes(mode: Int, isRead: Bool) throws {
        let world = try StoreWorld()
        let path = world.folder + "/master.key"
        _ = try MasterKeyFile.create(at: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        if isRead {
            #expect(try MasterKeyFile.read(path).warnings.isEmpty == (mode & 0o040 == 0))
        } else {
            #expect(throws: StoreFault.masterKeyExposed(path: path, mode: UInt32(mode))) {
                try MasterKeyFile.read(path)
            }
        }
    }

    @Test("a missing or damaged file says so", arguments: ["", "x", "title", "body", "sum", "long"])
    func damaged(kind: String) throws {
        let world = try StoreWorld()
        let path = world.folder + "/master.key"
        #expect(throws: StoreFault.masterKeyMissing(path: path)) { try MasterKeyFile.read(path) }
        _ = try MasterKeyFile.create(at: path)
        var text = try String(contentsOfFile: path, encoding: .utf8)
        switch kind {
        case "title": text = text.replacingOccurrences(of: "key 1", with: "key 2")
        case "body": text = text.replacingOccurrences(of: "=\n", with: "A\n")
        case "sum": text = String(text.dropLast(2)) + "x\n"
        case "long": text += String(repeating: "\n", count: 300)
        default: text = kind
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        do {
            _ = try MasterKeyFile.read(path)
            Issue.record("a damaged key was read")
        } catch StoreFault.masterKeyMalformed(let named, _) {
            #expect(named == path)
        }
    }
}
