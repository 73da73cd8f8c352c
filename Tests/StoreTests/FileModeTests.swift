import Core
import Foundation
import Testing

@testable import Store

@Suite("Whose the files are")
struct FileModeTests {
    /// The permission bits of everything below the data folder, and of the folder itself, by name.
    private func modes(_ world: StoreWorld) throws -> [String: Int] {
        var found: [String: Int] = [:]
        let names = FileManager.default.enumerator(atPath: world.data)?.compactMap { $0 as? String } ?? []
        for name in names + ["."] {
            let attributes = try FileManager.default.attributesOfItem(atPath: world.data + "/" + name)
            found[name] = attributes[.posixPermissions] as? Int
        }
        return found
    }

    @Test("databases, what SQLite keeps beside them, lock and folders are their owner's alone")
    func made() async throws {
        let world = try StoreWorld()
        let (store, tenant) = try await world.openWithTenant()
        _ = try await tenant.makeUser()
        let found = try modes(world)
        #expect(found["keys.db"] == 0o600)
        #expect(found["directory.db-wal"] == 0o600)
        #expect(found["tenants/acme.db-shm"] == 0o600)
        for (name, mode) in found { #expect(mode == ([".", "tenants"].contains(name) ? 0o700 : 0o600), "\(name)") }
        try await store.close()
    }

    @Test("files that others could read are tightened when they are opened")
    func tightened() async throws {
        let world = try StoreWorld()
        let (first, tenant) = try await world.openWithTenant()
        try await first.close()
        for name in ["keys.db", "directory.db", "tenants/acme.db", "lock"] {
            #expect(chmod(world.data + "/" + name, 0o644) == 0)
        }
        let second = try await world.open()
        _ = try await second.tenant(tenant.tenant).makeUser()
        for (name, mode) in try modes(world) where ![".", "tenants"].contains(name) {
            #expect(mode == 0o600, "\(name)")
        }
        try await second.close()
    }

    @Test("a write beside the database that finds no room is a full disk, any other fault is what it was")
    func noRoom() {
        for code: Int32 in [778, 4874] {
            #expect(SQLiteFaults.lacksRoom(code, freeBytes: 0))
            #expect(!SQLiteFaults.lacksRoom(code, freeBytes: 1 << 30))
            #expect(!SQLiteFaults.lacksRoom(code, freeBytes: nil))
        }
        #expect(!SQLiteFaults.lacksRoom(266, freeBytes: 0))
        #expect(HostFiles.freeBytes(at: "/") != nil)
        #expect(HostFiles.freeBytes(at: "/nowhere/at/all") == nil)
    }

    @Test("another master key than the data's is told with what to do")
    func remedy() {
        let words = "\(StoreFault.masterKeyDiffers(expected: "one", found: "two"))"
        #expect(words.contains("one") && words.contains("two"))
        #expect(words.contains("put back the copy"))
    }
}
