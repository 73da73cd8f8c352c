import Core
import HostCrypto
import Testing

@testable import Login

@Suite("What a password must be")
struct PasswordPolicyTests {
    @Test("a password that keeps every rule is accepted, and nothing else is")
    func good() async throws {
        let verdict = try await PolicyWorld().judge(Array(PolicyWorld.good.utf8))
        #expect(verdict.broken.isEmpty)
        #expect(verdict.accepted != nil)
        #expect(
            verdict.findings.map(\.rule.code) == [
                "minimum-length", "lower", "upper", "digit", "special", "repeats", "common", "personal-data", "history",
            ])
    }

    @Test(
        "each rule refuses what breaks it alone, and says so",
        arguments: [
            ("Short-Heron", "minimum-length,digit"), ("Short-Hero4", "minimum-length"),
            ("SEVEN-HERONS_4-LUNCH", "lower"), ("seven-herons_4-lunch", "upper"), ("Seven-Herons_F-Lunch", "digit"),
            ("SevenHerons4Lunch", "special"), ("Seven---Herons_4-Lunch", "repeats"), ("Seveeen-Herons_4", "repeats"),
            ("P@ssw0rd!2026", "common"), ("123456-Sunshine", "common"), ("Erika-Herons_4", "personal-data"),
            ("x-Muster-Herons_4", "personal-data"), ("Bottling-Herons_4", "personal-data"),
            ("b0ttl3r-Herons_4", "personal-data"), ("PORTAL-heron_4", "personal-data"),
        ])
    func refused(text: String, codes: String) async throws {
        #expect(try await PolicyWorld().broken(text).joined(separator: ",") == codes)
    }

    @Test("two equal characters in a row are two, and the switch lets three pass")
    func repeats() async throws {
        var world = PolicyWorld()
        #expect(try await world.broken("Seven--Herons_44-Lunch").isEmpty)
        world.settings.forbidsRepeats = false
        #expect(try await world.broken("Seven---Herons_4-Lunch").isEmpty)
    }

    @Test("rules that are switched off refuse nothing and are not listed")
    func switchedOff() async throws {
        var world = PolicyWorld()
        world.settings = PasswordSettings(
            minimumLength: 8, required: [], forbidsCommon: false, forbidsPersonalData: false, forbidsRepeats: false,
            history: 0)
        #expect(try await world.broken("passwords").isEmpty)
        #expect(try await world.broken("erika-muster").isEmpty)
        #expect(world.policy.rules == [.minimumLength(8)])
        #expect(try await world.broken("password", former: ["password"]).isEmpty)
    }

    @Test("characters are counted in NFC, whatever the keyboard: eleven are short though they came as thirteen")
    func counted() async throws {
        var world = PolicyWorld()
        world.settings.required = []
        #expect(try await world.broken("passe\u{301} passe\u{301}") == ["minimum-length"])
        #expect(try await world.broken("passe\u{301} passe\u{301} x").isEmpty)
    }

    @Test(
        "128 characters of any script are accepted",
        arguments: ["x", "\u{E9}", "\u{4E2D}", "\u{1F600}", "\u{1D160}", "\u{0915}"])
    func long(character: String) async throws {
        var world = PolicyWorld()
        world.settings.forbidsRepeats = false
        let text = "Aa4-" + String(repeating: character, count: 124)
        #expect(try await world.broken(text).isEmpty)
        let password = try #require(try await world.judge(Array(text.utf8)).accepted)
        #expect(password.withOctets { $0.count } <= NormalizedPassword.bounds.upperBound)
    }

    /// Bytes, and the rule that they break.
    struct NoText: Sendable {
        let bytes: [UInt8]
        let code: String

        init(_ end: [UInt8], _ code: String) {
            bytes = Array(PolicyWorld.good.utf8) + end
            self.code = code
        }

        init(_ octet: UInt8, times: Int, _ code: String) {
            bytes = [UInt8](repeating: octet, count: times)
            self.code = code
        }

        static let all: [NoText] = [
            NoText([0], "text"), NoText([0x0A], "text"), NoText([0x1B], "text"), NoText([0x7F], "text"),
            NoText([0xC2, 0x85], "text"),
            // A lone surrogate as some encoders write it, a cut sequence, a longer form than needed.
            NoText([0xED, 0xA0, 0x80], "text"), NoText([0xE2, 0x82], "text"), NoText([0xC0, 0xAF], "text"),
            NoText(0x61, times: 1 << 20, "maximum-length"), NoText(0x61, times: 4097, "maximum-length"),
            NoText(0x61, times: 0, "minimum-length"),
        ]
    }

    @Test("what is no text is refused as such, before anything is hashed", arguments: NoText.all)
    func noText(row: NoText) async throws {
        let verdict = try await PolicyWorld().judge(row.bytes)
        #expect(verdict.broken.map(\.code) == [row.code])
        #expect(verdict.accepted == nil)
    }

    @Test("a hundred combining marks are counted, bounded and hashed in one spelling")
    func marks() async throws {
        var world = PolicyWorld()
        world.settings.required = []
        let marks = (0..<50).map { _ in "\u{301}\u{323}" }.joined()
        let one = try await world.judge(Array("a\(marks)".utf8))
        let other = try await world.judge(Array("a\(marks.unicodeScalars.reversed().map(String.init).joined())".utf8))
        #expect(one.broken.map(\.code) == ["repeats"] || one.broken.isEmpty)
        #expect(one.broken == other.broken)
        world.settings.forbidsRepeats = false
        let first = try #require(try await world.judge(Array("a\(marks)".utf8)).accepted)
        let second = try #require(
            try await world.judge(Array("a\(marks.unicodeScalars.reversed().map(String.init).joined())".utf8)).accepted)
        let areEqual = first.withOctets { one in second.withOctets { SecretBytes.isEqual(one, $0) } }
        #expect(areEqual)
    }

    @Test("letters of every script count as what they are")
    func scripts() async throws {
        #expect(try await PolicyWorld().broken("Ωμέγα-Ήλιος-٤").isEmpty)
        #expect(try await PolicyWorld().broken("ωμέγα-ήλιος-٤") == ["upper"])
        #expect(CharacterKind.of("中") == .special)
        #expect(CharacterKind.of("\u{301}") == nil)
    }

    @Test("the current password and as many before it as the history says do not come back, the one before those does")
    func history() async throws {
        var world = PolicyWorld()
        world.settings.history = 2
        let former = ["Current-Heron-4x", "Second-Heron-4x", "Third-Heron-4x", "Fourth-Heron-4x"]
        for text in former.prefix(3) { #expect(try await world.broken(text, former: former) == ["history"]) }
        #expect(try await world.broken(former[3], former: former).isEmpty)
    }

    @Test("former hashes are compared where nothing else is amiss, and for a bounded time")
    func historyBounds() async throws {
        let world = PolicyWorld()
        let verdict = try await world.judge(Array("short".utf8), former: ["short"])
        #expect(verdict.findings.last == PasswordFinding(.history(5), .unchecked))
        let reads = Shared(UInt64(0))
        await #expect(throws: PasswordPolicy.Busy.self) {
            _ = try await world.judge(Array(PolicyWorld.good.utf8), former: ["a", "b"]) {
                reads.change { $0 += 20_000 }
                return MonotonicInstant(milliseconds: reads.value)
            }
        }
    }

    @Test("the operator's own list is found as the common ones are")
    func blocklist() async throws {
        var world = PolicyWorld()
        world.settings.blocklist = PasswordList(["Heronry", "größe über alles"])
        #expect(try await world.broken("H3r0nry-2026").first == "blocklist")
        #expect(try await world.broken("Grosse Uber Alles 4") == ["blocklist"])
        #expect(try await world.broken(PolicyWorld.good).isEmpty)
    }

    @Test("the meter says little of what is guessed first and much of what is long and mixed")
    func strength() async throws {
        func score(_ text: String) async throws -> Int {
            try await PolicyWorld().judge(Array(text.utf8)).strength.score
        }
        #expect(try await score("P@ssw0rd!2026") == 0)
        #expect(try await score("abcdefghijklmnop") <= 1)
        #expect(try await score("Heron4-x") == 2)
        #expect(try await score(PolicyWorld.good) == 4)
    }
}
