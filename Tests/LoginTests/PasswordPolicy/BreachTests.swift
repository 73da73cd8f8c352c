import Core
import HostCrypto
import Outbound
import TestSupport
import Testing

@testable import Login

@Suite("Stolen passwords are looked up in a file")
struct BreachFileTests {
    private static func digits(_ text: String) throws -> [UInt8] { BreachCheck.digest(try normalized(text)) }

    private static func text(_ hashes: [[UInt8]], end: String = "\r\n", counts: Bool = true) -> [UInt8] {
        var text: [UInt8] = []
        for (index, hash) in hashes.sorted(by: { $0.lexicographicallyPrecedes($1) }).enumerated() {
            text += hash
            if counts { text += Array(":\(index * 37 + 1)".utf8) }
            text += Array(end.utf8)
        }
        return text
    }

    private static func compact(_ hashes: [[UInt8]]) -> [UInt8] {
        BreachFile.magic
            + hashes.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { hash in
                stride(from: 0, to: 16, by: 2).map { index -> UInt8 in
                    let (high, low) = (ASCII.hexadecimalValue(hash[index]), ASCII.hexadecimalValue(hash[index + 1]))
                    return (high ?? 0) << 4 | (low ?? 0)
                }
            }
    }

    @Test("the digest is SHA-1 in capital digits, as everybody names it")
    func digest() throws {
        #expect(
            String(decoding: try Self.digits("password"), as: UTF8.self) == "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8")
    }

    @Test("law: of any number of hashes each is found and no other, in every form", arguments: [1, 2, 3, 7, 64, 500])
    func found(count: Int) throws {
        let inside = try (0..<count).map { try Self.digits("in \($0)") }
        let outside = try (0..<200).map { try Self.digits("out \($0)") }
        for bytes in [
            Self.text(inside), Self.text(inside, end: "\n"), Self.text(inside, end: "\n", counts: false),
            Self.compact(inside), Array(Self.text(inside).dropLast(2)),
            Array(String(decoding: Self.text(inside), as: UTF8.self).lowercased().utf8),
        ] {
            let scratch = try ScratchFile(bytes)
            let file = BreachFile(path: scratch.path)
            #expect(throws: Never.self) { try file.check() }
            for hash in inside { #expect(file.find(hash) == .success(true)) }
            for hash in outside { #expect(file.find(hash) == .success(false)) }
        }
    }

    private static let zeros = String(repeating: "0", count: 40)
    private static let lastOne = String(repeating: "F", count: 40)
    private static let noLists: [(String, BreachFile.Fault)] = [
        ("", .isEmpty), ("<html>no</html>\n", .malformed(offset: 0)),
        (String(repeating: "0", count: 32) + ":1\n", .malformed(offset: 0)), (zeros + ";1\n", .malformed(offset: 0)),
        ("\(lastOne):1\n\(zeros):1\n", .unordered(offset: 43)), ("\(zeros):1\n\n", .malformed(offset: 43)),
        ("gatehouse-sha1-8", .isEmpty), ("gatehouse-sha1-8abcdefghi", .isCut),
        ("gatehouse-sha1-8zzzzzzzzaaaaaaaa", .unordered(offset: 24)),
    ]

    @Test("a file that is no list is told with the place", arguments: noLists)
    func faults(text: String, fault: BreachFile.Fault) throws {
        let scratch = try ScratchFile(Array(text.utf8))
        #expect(throws: fault) { try BreachFile(path: scratch.path).check() }
    }

    @Test("a folder and a missing file are told in words")
    func unreadable() {
        #expect(throws: BreachFile.Fault.isNoFile) { try BreachFile(path: "/").check() }
        #expect(throws: BreachFile.Fault.unreadable("No such file or directory")) {
            try BreachFile(path: "/nowhere/at/all").check()
        }
    }

    @Test("law: any bytes end in an answer or a fault")
    func anyBytes() throws {
        var random = SeededGenerator(seed: 9)
        let wanted = try Self.digits("x")
        for _ in 0..<300 {
            var bytes = Self.text(try (0..<20).map { try Self.digits("\($0)") })
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let scratch = try ScratchFile(bytes)
            _ = BreachFile(path: scratch.path).find(wanted)
            _ = try? BreachFile(path: scratch.path).check()
        }
    }
}

@Suite("Stolen passwords are asked of a service, which never stands in the way")
struct BreachCheckTests {
    private static func suffix(_ text: String) throws -> String {
        String(decoding: BreachCheck.digest(try normalized(text)).dropFirst(5), as: UTF8.self)
    }

    private func world(_ answer: @escaping @Sendable (String) throws -> String) -> PolicyWorld {
        var world = PolicyWorld()
        world.settings.breachCheck = BreachCheckSettings(isOnline: true)
        world.range = { prefix, _ in Array(try answer(prefix).utf8) }
        return world
    }

    @Test("five digits are told, a row with the rest refuses, padding does not")
    func asked() async throws {
        let rest = try Self.suffix(PolicyWorld.good)
        let prefixes = Shared<[String]>([])
        let found = world { prefix in
            prefixes.change { $0.append(prefix) }
            return "\(String(repeating: "0", count: 35)):3\r\n\(rest.lowercased()):42\r\n"
        }
        #expect(try await found.broken(PolicyWorld.good) == ["breach"])
        #expect(prefixes.value.map(\.utf8.count) == [5])
        #expect(try await world { _ in "\(rest):0\r\n" }.broken(PolicyWorld.good).isEmpty)
        #expect(try await world { _ in "" }.broken(PolicyWorld.good).isEmpty)
    }

    @Test("a service that is down or talks of something else refuses nothing, is counted and is told")
    func failsOpen() async throws {
        let down = world { _ in throw BreachRange.Failure.status(503) }
        let check = down.breaches
        let password = try normalized(PolicyWorld.good)
        #expect(await check.outcome(password, down.settings.breachCheck) == .unchecked)
        #expect(check.metrics.serviceFailures == 1)
        #expect(down.reports.value == ["login.password.breach_check: the service gave no answer: it answered 503"])
        #expect(try await down.judge(Array(PolicyWorld.good.utf8)).accepted != nil)
        let page = world { _ in "<html>maintenance</html>" }
        #expect(try await page.judge(Array(PolicyWorld.good.utf8)).accepted != nil)
        #expect(page.reports.value.count == 1)
    }

    @Test("a file answers first, and one that cannot be read refuses nothing and leaves the service its word")
    func fileFirst() async throws {
        let hash = BreachCheck.digest(try normalized(PolicyWorld.good))
        let scratch = try ScratchFile(hash + Array(":7\n".utf8))
        var world = world { _ in throw BreachRange.Failure.tooMany }
        world.settings.breachCheck.file = scratch.path
        #expect(try await world.broken(PolicyWorld.good) == ["breach"])
        world.settings.breachCheck.file = "/nowhere"
        #expect(try await world.broken(PolicyWorld.good).isEmpty)
        let rest = try Self.suffix(PolicyWorld.good)
        world.range = { _, _ in Array("\(rest):1".utf8) }
        #expect(try await world.broken(PolicyWorld.good) == ["breach"])
    }

    @Test("where a cheaper rule is broken nobody is asked")
    func notAsked() async throws {
        let world = world { _ in
            Issue.record("the service was asked")
            return ""
        }
        #expect(try await world.broken("short") != [])
    }

    @Test("the question has the padding's field, the operator's patience and authorities, and nothing of the rest")
    func question() {
        let settings = BreachCheckSettings(
            isOnline: true, url: "https://hashes.example.org/range", authorityFile: "/srv/ca.pem", timeout: .seconds(1))
        let probe = BreachRange.probe("5BAA6", settings)
        #expect(probe.url == "https://hashes.example.org/range/5BAA6")
        #expect(probe.fields.contains(ProbeField("Add-Padding", "true")))
        #expect(probe.trust == .file("/srv/ca.pem"))
        #expect(probe.longestWaitMilliseconds == 1000)
    }
}
