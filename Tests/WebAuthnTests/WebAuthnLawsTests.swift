import TestSupport
import Testing
import WebAuthnLaws

@Suite("The laws that the fuzzer holds")
struct WebAuthnLawsTests {
    @Test("what the fuzzer once found stays mended, and seeds are lawful")
    func replay() throws {
        let seeds = try TestFile.folder("Fuzz/seeds/webauthn")
        #expect(seeds.count >= 10)
        for file in try seeds + TestFile.folder("Fuzz/regressions/webauthn") { try WebAuthnLaws.check(file.bytes) }
    }

    @Test("the seeds of right answers are accepted: the laws look behind the door")
    func reach() throws {
        let accepted = try TestFile.folder("Fuzz/seeds/webauthn").filter { WebAuthnLaws.isAccepted($0.bytes) }
        #expect(accepted.count >= 6)
    }

    @Test("2,000 mutations of the seeds are lawful")
    func mutations() throws {
        var random = SeededGenerator(seed: 4711)
        let seeds = try TestFile.folder("Fuzz/seeds/webauthn").map(\.bytes)
        let marks: [UInt8] = [0x00, 0x01, 0x18, 0x20, 0x40, 0x58, 0x5F, 0x7F, 0x80, 0xA0, 0xBF, 0xF6, 0xFF]
        for _ in 0..<2000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let mark = marks.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = mark
                case 1: bytes.insert(mark, at: place)
                case 2: bytes.remove(at: place)
                default:
                    let other = seeds.randomElement(using: &random) ?? []
                    bytes = Array(bytes[..<place] + other.dropFirst(Int.random(in: 0...other.count, using: &random)))
                }
            }
            try WebAuthnLaws.check(Array(bytes.prefix(1500)))
        }
    }
}
