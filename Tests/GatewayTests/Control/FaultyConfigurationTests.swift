import Core
import Foundation
import Store
import Testing

@testable import Gateway

@Suite("Commands while the configuration is at fault")
struct FaultyConfigurationTests {
    /// The configuration of the folder, with faults that a change of files brings.
    private func configuration(
        of folder: OperatorFolder, damage: (inout ConfigurationFolder) -> Void
    ) throws(OperatorFault) -> OperatorConfiguration {
        var files = ConfigurationFolder(
            adding: """
                control_socket: \(folder.settings.store.controlSocket)
                store: { sqlite: { directory: \(folder.settings.store.directory) } }
                encryption: { master_key_file: \(folder.settings.store.masterKeyFile) }
                """)
        files.folders = [folder.path]
        damage(&files)
        return try OperatorConfiguration(files.load("g.yaml"), file: "g.yaml")
    }

    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"items\":[]}".utf8)

    @Test("a running server is asked though a certificate is broken, and the operator is told")
    func server() async throws {
        let folder = try OperatorFolder()
        let faulty = try configuration(of: folder) { $0.write("c.pem", "broken") }
        #expect(faulty.store == folder.settings.store)
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: Self.answer)
        let (output, warnings) = try await onOwnThread {
            let client = try OperatorClient.open(faulty)
            return (try client.listTenants(asJSON: false), client.warnings)
        }
        #expect(output.text.isEmpty)
        #expect(!server.requests.isEmpty)
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("g.yaml has 1 fault: ") == true)
        #expect(warnings.first?.contains("`gatehouse check`") == true)
    }

    @Test("keys are held against the data of a running server, with the same warning; without data all must be good")
    func keys() async throws {
        let folder = try OperatorFolder()
        let faulty = try configuration(of: folder) { $0.write("c.pem", "broken") }
        #expect(throws: OperatorFault.self) { try KeyCommands.verify(faulty) }
        _ = try await folder.withClient { try $0.listTenants(asJSON: false) }
        let fingerprint = try MasterKeyFile.read(folder.settings.store.masterKeyFile).key.fingerprint
        let json = #"{"master_key_fingerprint":"\#(fingerprint)"}"#
        let server = try UnixServer(
            path: folder.settings.store.controlSocket,
            answer: Array("HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8))
        let verified = try await onOwnThread { try KeyCommands.verify(faulty) }
        let told = try await onOwnThread { try KeyCommands.status(faulty, asJSON: false) }
        #expect(verified.text.contains(fingerprint))
        for output in [verified, told] { #expect(output.note.contains("1 fault")) }
        #expect(server.requests.count == 2)
    }

    @Test("without a server every fault is told, and nothing is opened")
    func alone() async throws {
        let folder = try OperatorFolder()
        let faulty = try configuration(of: folder) { $0.write("c.pem", "broken") }
        let fault = await #expect(throws: OperatorFault.self) {
            try await onOwnThread { _ = try OperatorClient.open(faulty) }
        }
        #expect(fault?.kind == .badConfiguration)
        #expect(fault?.description.contains("c.pem") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.settings.store.directory))
    }

    @Test(
        "where the keys that lead to the server are at fault themselves, none is looked for",
        arguments: [
            "control_socket: [one, two]", "control_socket: ${NOT_SET}", "store: { sqlite: { directry: data } }",
            "encryption: data", "listeners: [", "log: &anchor { level: info }",
        ])
    func keysAtFault(text: String) throws {
        let folder = try OperatorFolder()
        #expect(throws: OperatorFault.self) {
            try configuration(of: folder) { $0 = ConfigurationFolder(adding: text) }
        }
    }

    @Test("the default places are found as a good configuration has them")
    func defaults() throws {
        let folder = try OperatorFolder()
        let good = try ConfigurationFolder().settings()
        let faulty = try configuration(of: folder) { files in
            files = ConfigurationFolder(adding: "routes: [{ upstream: nowhere }]")
        }
        #expect(faulty.store == good.store)
        #expect(throws: OperatorFault.self) { try faulty.whole.get() }
    }

    @Test("a socket that is not open to this user is not permitted, whatever else is at fault")
    func notPermitted() async throws {
        let folder = try OperatorFolder()
        let faulty = try configuration(of: folder) { $0.write("c.pem", "broken") }
        let server = try UnixServer(path: folder.settings.store.controlSocket, answer: Self.answer)
        let fault = await #expect(throws: OperatorFault.self) {
            try await onOwnThread {
                _ = try OperatorClient.open(
                    faulty, exchange: ControlExchange(path: faulty.store.controlSocket, trusts: { _ in false }))
            }
        }
        #expect(fault?.kind == .notPermitted)
        #expect(server.requests.isEmpty)
    }
}
