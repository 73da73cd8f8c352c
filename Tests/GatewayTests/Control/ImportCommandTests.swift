import Core
import Foundation
import Store
import Testing

@testable import Gateway

@Suite("gatehouse user import")
struct ImportCommandTests {
    private static let tenant = OperatorClient.NewTenant(id: "acme", name: "Acme", hosts: [], plan: nil, region: nil)

    private static let lines = [
        #"{"email":"a@acme.example","name":"A","id":"6f2c1b6e-7d3a-4c55-9a53-0a8b4d1f0c11","roles":["admin"]}"#,
        #"{"email":"b@acme.example","name":"B","password_hash":"$2b$15$abcdefghijklmnopqrstuuIO2Ds0pI5QzzZF8bYE7nvJk/jZkvz5q"}"#,
        "", #"{"email":"c@acme.example","name":"C","roles":["admn"]}"#, #"{"email":"d@acme.example","name":"D"}"#,
        #"{"email":"A@acme.example","name":"A"}"#,
    ]

    /// What came of it, the lines that were told, and how far it said to be.
    private func run(
        _ lines: [String], isTrial: Bool = false, asJSON: Bool = false, in folder: OperatorFolder
    ) async throws -> (output: CommandOutput, told: [String], percent: [Int]) {
        let path = NSTemporaryDirectory() + "gatehouse-import-" + UUID().uuidString
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let order = OperatorClient.UserImport(tenant: "acme", file: path, isTrial: isTrial, asJSON: asJSON)
        return try await folder.withClient { client in
            var (told, percent): ([String], [Int]) = ([], [])
            let output = try client.importUsers(
                order, tell: { told.append($0.replacing(path, with: "f")) }, note: { percent.append($0.percent) })
            return (output, told, percent)
        }
    }

    @Test("good lines are taken, bad ones told with line, field and how to mend them, and the same file runs again")
    func imported() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let first = try await run(Self.lines, in: folder)
        #expect(
            first.told == [
                "f:2: password_hash: password_hash cannot be taken: bcrypt's cost: 15; allowed: 4 to 14; leave the hash out, and let the member set a new password\n",
                "f:4: roles: \"admn\" is neither a role of the catalogue nor one of this tenant's; roles: user, admin; did you mean \"admin\"?\n",
                "f:6: email: the email stands in line 1 already; keep one of the two lines\n",
            ])
        #expect(
            first.output
                == CommandOutput(
                    "2 created, 0 unchanged, 3 refused; mend the refused lines and run it again with the same file\n",
                    verdict: .badData))
        #expect(first.percent == [100])
        let again = try await run([Self.lines[0], Self.lines[4]], in: folder)
        #expect(again.output == CommandOutput("0 created, 2 unchanged, 0 refused\n"))
        let shown = try await folder.withClient { try $0.showUser("a@acme.example", of: "acme", asJSON: false) }
        #expect(shown.text.hasPrefix("id:       6f2c1b6e-7d3a-4c55-9a53-0a8b4d1f0c11\n"))
    }

    @Test("a dry run changes nothing, and --json tells everything in one object")
    func trial() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let trial = try await run(Self.lines, isTrial: true, asJSON: true, in: folder)
        #expect(trial.told.isEmpty && trial.output.verdict == .badData)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(trial.output.text.utf8)) as? [String: Any])
        #expect(object["created"] as? Int == 2 && object["refused"] as? Int == 3 && object["unchanged"] as? Int == 0)
        let faults = try #require(object["faults"] as? [[String: Any]])
        #expect(faults.map { $0["line"] as? Int } == [2, 4, 6])
        let words = try await run(Self.lines, isTrial: true, in: folder).output.text
        #expect(words.hasPrefix("2 would be created, 0 unchanged, 3 refused"))
        let list = try await folder.withClient { try $0.listUsers(of: "acme", asJSON: false) }
        #expect(list.text.isEmpty)
    }

    @Test("more lines than one request carries are taken all the same")
    func many() async throws {
        let folder = try OperatorFolder()
        _ = try await folder.withClient { try $0.createTenant(Self.tenant, asJSON: false) }
        let lines = (0..<600).map { #"{"email":"m\#($0)@acme.example","name":"M"}"# }
        let outcome = try await run(lines, in: folder)
        #expect(outcome.output.text == "600 created, 0 unchanged, 0 refused\n")
        #expect(outcome.percent.count == 3 && outcome.percent.last == 100)
    }

    @Test("a file that is not there and a tenant that is none are told before anything is done")
    func missing() async throws {
        let folder = try OperatorFolder()
        let order = OperatorClient.UserImport(tenant: "acme", file: "/nonexistent", isTrial: false, asJSON: false)
        let fault = try await folder.fault { try $0.importUsers(order, tell: { _ in }, note: { _ in }) }
        #expect(fault == OperatorFault(.badData, "/nonexistent: no such file; create it, or mend the path"))
        await #expect(throws: OperatorFault.self) { _ = try await run(Self.lines, in: folder) }
    }
}
