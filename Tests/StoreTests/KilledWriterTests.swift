import Core
import EventLoop
import Foundation
import Testing

@testable import Store

@Suite("A writer that is killed or has no space")
struct KilledWriterTests {
    /// Runs the writer; `atLine` is asked after each line and says whether to kill it.
    func run(_ world: StoreWorld, limit: Int? = nil, killAfter: Int?) throws -> [String] {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let output = Pipe()
        let process = try ChildProcess(
            program: folder.appendingPathComponent("store-test-writer").path,
            arguments: [world.data, world.folder + "/master.key", "acme"] + (limit.map { ["\($0)"] } ?? []),
            environment: ProcessInfo.processInfo.environment, output: output.fileHandleForWriting.fileDescriptor,
            error: FileHandle.standardError.fileDescriptor)
        try output.fileHandleForWriting.close()
        var (text, lines) = ("", [String]())
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
            while let end = text.firstIndex(of: "\n") {
                lines.append(String(text[..<end]))
                text = String(text[text.index(after: end)...])
            }
            if let killAfter, lines.count >= killAfter { process.send(ChildProcess.kill) }
        }
        _ = try process.end()
        return lines
    }

    /// Every acknowledged write is there, and everything verifies.
    func check(_ world: StoreWorld, _ key: MasterKey, _ lines: [String]) async throws {
        let store = try await world.open(key)
        let id = try #require(TenantID("acme"))
        let tenant = try await store.tenant(id)
        let sessions = Set(try await tenant.sessions.list().map(\.id.description))
        for words in lines.map({ $0.split(separator: " ") }) where words.count >= 2 {
            switch words[0] {
            case "user":
                let user = try #require(UserID(String(words[1])))
                #expect(try await tenant.users.find(user)?.email == String(words[2]))
            case "roles":
                let user = try #require(UserID(String(words[1])))
                #expect(try await tenant.users.find(user)?.roles.map(\.text) == ["admin", "user"])
            case "session": #expect(sessions.contains(String(words[1])))
            case "factor":
                let user = try #require(UserID(String(words[2])))
                #expect(try await tenant.factors.all(of: user).apps.map(\.id.description) == [String(words[1])])
            case "code":
                let user = try #require(UserID(String(words[1])))
                #expect(try await tenant.factors.all(of: user).recoveryCodesLeft == 9)
            default: break
            }
        }
        // A factor has its recovery codes, and its member's record says that there is one: all of it or nothing.
        for user in try await tenant.users.list() {
            let factors = try await tenant.factors.all(of: user.id)
            #expect(factors.hasSecondFactor == user.hasSecondFactor)
            #expect((factors.hasSecondFactor ? 9...10 : 0...0).contains(factors.recoveryCodesLeft))
        }
        let report = await StoreVerification(store).run()
        #expect(report.findings == [])
        try await store.close()
    }

    @Test("every write that was acknowledged before kill -9 is there")
    func killed() async throws {
        let world = try StoreWorld()
        let key = try MasterKeyFile.create(at: world.folder + "/master.key")
        for round in 1...12 {
            let lines = try run(world, killAfter: 3 + round * 2)
            #expect(lines.first == "ready")
            #expect(lines.count >= 3 + round * 2)
            try await check(world, key, lines)
        }
    }

    @Test("where no file can grow, writes are refused, nothing is half-written, and what was acknowledged is there")
    func full() async throws {
        let world = try StoreWorld()
        let key = try MasterKeyFile.create(at: world.folder + "/master.key")
        let lines = try run(world, limit: 800_000, killAfter: nil)
        let last = try #require(lines.last)
        #expect(last.hasPrefix("fault "))
        #expect(last.contains("nothing was written"))
        #expect(lines.count > 10)
        try await check(world, key, lines)
    }
}
