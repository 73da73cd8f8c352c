import Core
import Foundation
import Store
import Testing

@testable import Gateway

@Suite("The places of state are judged before anything starts")
struct StoreCheckTests {
    private func faults(_ extra: String, _ change: (inout ConfigurationFolder) -> Void = { _ in }) -> [String] {
        var folder = ConfigurationFolder(adding: extra)
        change(&folder)
        return folder.faults()
    }

    private func key(_ finding: MasterKeyFinding?) -> ConfigurationFolder {
        var folder = ConfigurationFolder(adding: "encryption: { master_key_file: k/master.key }")
        folder.masterKeyCheck = { path in path == "/srv/k/master.key" ? finding : .malformed("asked for \(path)") }
        return folder
    }

    private static let keyPlace = "g.yaml:4:32 encryption.master_key_file: "

    @Test("a data folder may be missing, the folder above it may not")
    func parent() {
        #expect(faults("store: { sqlite: { directory: state } }") == [])
        #expect(
            faults("store: { sqlite: { directory: /var/lib/gatehouse/data } }") == [
                "g.yaml:4:31 store.sqlite.directory: /var/lib/gatehouse/data: the folder of this folder is missing; the folder is made, the folders above it are not; mkdir -p /var/lib/gatehouse"
            ])
        let made = faults("store: { sqlite: { directory: /var/lib/gatehouse/data } }") {
            $0.folders = ["/var/lib/gatehouse"]
        }
        #expect(made == [])
    }

    @Test("a control socket that is not named lies in the data folder, wherever that is")
    func socketDefault() throws {
        let folder = ConfigurationFolder(adding: "store: { sqlite: { directory: state } }")
        #expect(try folder.settings().store.controlSocket == "/srv/state/control.sock")
    }

    @Test("a data folder is no file")
    func file() {
        #expect(
            faults("store: { sqlite: { directory: c.pem } }")
                == ["g.yaml:4:31 store.sqlite.directory: c.pem: this is not a folder; name a folder"])
    }

    @Test("a control socket's path fits into the kernel's field, to the byte")
    func socketLength() throws {
        let longest = "/srv/" + String(repeating: "a", count: StoreSettings.longestControlSocket - 5)
        #expect(try ConfigurationFolder(adding: "control_socket: \(longest)").settings().store.controlSocket == longest)
        #expect(
            faults("control_socket: \(longest)b") == [
                "g.yaml:4:17 control_socket: \"\(longest.prefix(80))…\" has 101 bytes; allowed: 100 bytes as an absolute path (unix(7)); name a shorter one, such as /run/gatehouse/control.sock"
            ])
        // A relative path counts with the folder that it starts at.
        let relative = String(longest.dropFirst(5))
        #expect(faults("control_socket: \(relative)") == [])
        #expect(faults("control_socket: \(relative)b").count == 1)
    }

    @Test("a control socket stands in the data folder, or in a folder that is there")
    func socketFolder() {
        #expect(
            faults("control_socket: /run/gatehouse/control.sock") == [
                "g.yaml:4:17 control_socket: /run/gatehouse/control.sock: the folder of this socket is missing; the socket is made, the folders above it are not; mkdir -p /run/gatehouse"
            ])
        #expect(faults("control_socket: /run/gatehouse/control.sock") { $0.folders = ["/run/gatehouse"] } == [])
    }

    @Test("a missing master key is refused with the command that makes one")
    func missingKey() {
        #expect(
            key(.missing).faults() == [
                Self.keyPlace
                    + "k/master.key: no master key stands there; allowed: a file that this program made; make one with `gatehouse keys init`, or put back the copy that you kept"
            ])
    }

    @Test("a master key that others can read, that is damaged or that cannot be read is refused")
    func badKey() {
        #expect(
            key(.exposed(mode: 0o644)).faults() == [
                Self.keyPlace
                    + "k/master.key has mode 0644: others may read or change it; allowed: mode 0600, or 0640; chmod 600 k/master.key"
            ])
        #expect(
            key(.malformed("the checksum differs")).faults() == [
                Self.keyPlace
                    + "k/master.key is no master key: the checksum differs; allowed: a file that `gatehouse keys init` made; put back the copy that you kept"
            ])
        #expect(
            key(.unreadable("Permission denied")).faults() == [
                Self.keyPlace
                    + "k/master.key cannot be read: Permission denied; give the gateway's user the right to read it"
            ])
    }

    @Test("a master key that its group can read, or that lies beside the data, is warned about")
    func warnings() {
        let group = key(.usable(warning: "k/master.key is readable by its group"))
        #expect(group.faults() == [])
        #expect(
            group.load().warnings.map(\.description)
                == [
                    "g.yaml:4:32 encryption.master_key_file: warning: k/master.key is readable by its group"
                ])
        let beside = ConfigurationFolder(adding: "encryption: { master_key_file: data/master.key }")
        #expect(
            beside.load().warnings.map(\.description) == [
                "g.yaml:4:32 encryption.master_key_file: warning: data/master.key lies in the data folder: a copy of that folder gives away what the key seals; keep them apart"
            ])
        #expect(key(nil).load().warnings == [])
    }

    @Test("the look at a master key says what the store would say")
    func inspection() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/master.key"
        #expect(MasterKeyInspection.check(path) == .missing)
        _ = try MasterKeyFile.create(at: path)
        #expect(MasterKeyInspection.check(path) == nil)
        func setMode(_ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        try setMode(0o640)
        guard case .usable = MasterKeyInspection.check(path) else {
            Issue.record("a key that its group can read is usable with a warning")
            return
        }
        try setMode(0o644)
        #expect(MasterKeyInspection.check(path) == .exposed(mode: 0o644))
        try setMode(0o600)
        try Data("no key".utf8).write(to: URL(fileURLWithPath: path))
        guard case .malformed = MasterKeyInspection.check(path) else {
            Issue.record("a file that is no key is malformed")
            return
        }
        guard case .unreadable = MasterKeyInspection.check(folder) else {
            Issue.record("a folder is no readable key")
            return
        }
    }
}
