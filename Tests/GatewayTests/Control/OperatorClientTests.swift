import Core
import Foundation
import Store
import Testing

@testable import Gateway

@Suite("A command finds the server, or works on the folder itself")
struct OperatorClientTests {
    private static func answer(_ json: String, status: String = "200 OK") -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8)
    }

    private static let empty = answer(#"{"items":[]}"#)

    @Test("where a server listens it is asked, and the folder is left alone")
    func server() async throws {
        let folder = try OperatorFolder(hasKey: false)
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: Self.empty)
        let output = try await folder.withClient { try $0.listTenants(asJSON: false) }
        #expect(output.text.isEmpty)
        let request = try #require(server.requests.last)
        #expect(request.hasPrefix("GET /.gatehouse/api/v1/tenants HTTP/1.1\r\nHost: localhost\r\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.settings.store.directory))
    }

    @Test("where nobody listens, or a dead server left its socket, the folder is opened")
    func ownProcess() async throws {
        let folder = try OperatorFolder()
        #expect(try await folder.withClient { $0.isServerRunning } == false)
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: Self.empty)
        #expect(try await folder.withClient { $0.isServerRunning })
        server.stop()
        #expect(FileManager.default.fileExists(atPath: folder.settings.store.controlSocket))
        #expect(try await folder.withClient { $0.isServerRunning } == false)
    }

    @Test("a listener who is neither this user nor root is sent nothing")
    func foreignPeer() async throws {
        let folder = try OperatorFolder()
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: Self.empty)
        let settings = folder.settings
        let fault = await #expect(throws: OperatorFault.self) {
            try await onOwnThread {
                let distrustful = ControlExchange(path: settings.store.controlSocket, trusts: { _ in false })
                _ = try OperatorClient.open(OperatorConfiguration(settings), exchange: distrustful)
            }
        }
        #expect(fault?.kind == .notPermitted)
        #expect(server.requests.isEmpty)
        let trusting = ControlExchange(path: settings.store.controlSocket)
        #expect(trusting.trusts(0))
        #expect(trusting.trusts(ControlSocket.ownUser))
        #expect(!trusting.trusts(ControlSocket.ownUser + 1))
    }

    @Test(
        "an answer that is cut, foreign or no JSON is a fault, and says so",
        arguments: [
            (Array("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{".utf8), OperatorFault.Kind.unavailable),
            ([], .unavailable), (Array("+OK Dovecot ready.\r\n".utf8), .unavailable),
            (answer("<html>"), .internalFault), (answer(#"{"items":[{}]}"#), .internalFault),
            (answer("nothing", status: "502 Bad Gateway"), .unavailable),
        ])
    func badAnswers(bytes: [UInt8], kind: OperatorFault.Kind) async throws {
        let folder = try OperatorFolder()
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: bytes)
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) }?.kind == kind)
        #expect(!server.requests.isEmpty)
    }

    @Test(
        "a problem is told in its own words, with what was perhaps meant and with its exit code",
        arguments: [
            (404, "tenant-unknown", OperatorFault.Kind.badData), (409, "email-taken", .badData),
            (503, "store-unavailable", .unavailable), (503, "store-damaged", .badData),
            (500, "internal-fault", .internalFault),
            (404, "page-missing", .internalFault),
        ])
    func problems(status: Int, code: String, kind: OperatorFault.Kind) async throws {
        let folder = try OperatorFolder()
        let json =
            #"{"type":"urn:x","title":"T","status":\#(status),"code":"\#(code)","detail":"D","suggestion":"acme"}"#
        let server = try UnixServer(
            path: folder.settings.store.controlSocket, answer: Self.answer(json, status: "\(status) X"))
        let fault = try #require(try await folder.fault { try $0.listTenants(asJSON: false) })
        #expect(fault.kind == kind)
        if kind == .badData { #expect(fault.description == #"D; did you mean "acme"?"#) }
        #expect(!server.requests.isEmpty)
    }

    @Test("a server that takes the connection and never answers is given up")
    func silent() async throws {
        let folder = try OperatorFolder()
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: nil)
        let path = server.path
        await #expect(throws: ControlSocket.Failure.timedOut) {
            try await onOwnThread {
                _ = try ControlExchange(path: path).send(
                    OperatorRequest(method: .get, path: "/tenants", timeoutMilliseconds: 50))
            }
        }
    }

    @Test("where another process holds the folder and no socket answers, its id and a remedy are told")
    func locked() async throws {
        let folder = try OperatorFolder()
        let key = try MasterKeyFile.read(folder.settings.store.masterKeyFile).key
        let store = try await DataStore.open(
            folder: folder.settings.store.directory, masterKey: key, at: WallTime(milliseconds: 0))
        let fault = try #require(try await folder.fault { try $0.listTenants(asJSON: false) })
        #expect(fault.kind == .unavailable)
        #expect(fault.description.contains("process \(ProcessInfo.processInfo.processIdentifier) "))
        #expect(fault.description.contains(folder.settings.store.controlSocket))
        try await store.close()
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) } == nil)
    }

    @Test("a missing, a damaged, an exposed and another master key are faults of the configuration")
    func keys() async throws {
        let folder = try OperatorFolder()
        let path = folder.settings.store.masterKeyFile
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) } == nil)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o644) == 0)
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) }?.kind == .badConfiguration)
        #expect(chmod(path, 0o600) == 0)
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) }?.kind == .badConfiguration)
        #expect(unlink(path) == 0)
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) }?.kind == .badConfiguration)
        _ = try MasterKeyFile.create(at: path)
        let differs = try #require(try await folder.fault { try $0.listTenants(asJSON: false) })
        #expect(differs.kind == .badConfiguration)
        #expect(differs.description.contains("encryption.master_key_file"))
        #expect(unlink(path) == 0)
        try good.write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o600) == 0)
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) } == nil)
    }

    @Test("files that this user may not read are no fault of the configuration; any other fault is")
    func unreadableConfiguration() {
        var folder = ConfigurationFolder()
        folder.failures["/srv/k.key"] = .notPermitted
        #expect(OperatorFault(ConfigurationFaults(faults: folder.found)).kind == .notPermitted)
        folder.failures["/srv/c.pem"] = .missing
        #expect(OperatorFault(ConfigurationFaults(faults: folder.found)).kind == .badConfiguration)
    }

    @Test("a damaged database is told in the store's words")
    func damaged() async throws {
        let folder = try OperatorFolder()
        #expect(try await folder.fault { try $0.listTenants(asJSON: false) } == nil)
        let file = folder.settings.store.directory + "/directory.db"
        try Data(repeating: 0x55, count: 8192).write(to: URL(fileURLWithPath: file))
        let fault = try #require(try await folder.fault { try $0.listTenants(asJSON: false) })
        #expect(fault.kind == .badData)
        #expect(fault.description.contains("directory.db"))
    }

    @Test("a socket's path that the kernel does not take is a fault of the configuration")
    func longPath() async throws {
        let folder = try OperatorFolder()
        var settings = folder.settings
        settings.store.controlSocket = "/tmp/" + String(repeating: "x", count: 120)
        // Refused before anything is waited for.
        let fault = #expect(throws: OperatorFault.self) { _ = try OperatorClient.open(OperatorConfiguration(settings)) }
        #expect(fault?.kind == .badConfiguration)
    }
}
