import SAMLLaws
import TestSupport
import Testing

@Suite("The laws of responses that a fuzzer holds")
struct ResponseLawsTests {
    private func laws() throws -> ResponseLaws {
        try ResponseLaws(
            metadata: try TestFile.bytes("Vectors/saml/metadata.xml"),
            key: try TestFile.bytes("Vectors/saml/ours.key.txt"))
    }

    @Test("what a fuzzer once found stays mended, and seeds are lawful")
    func replay() throws {
        let (laws, seeds) = (try laws(), try TestFile.folder("Fuzz/seeds/saml"))
        #expect(seeds.count >= 10)
        for file in try seeds + TestFile.folder("Fuzz/regressions/saml") { try laws.check(file.bytes) }
    }

    @Test("1,000 mutations of the seeds are lawful")
    func mutations() throws {
        var random = SeededGenerator(seed: 4711)
        let (laws, seeds) = (try laws(), try TestFile.folder("Fuzz/seeds/saml").map(\.bytes))
        let marks = Array("<>/&\"'=: !-".utf8) + [0x00, 0x0A, 0x80]
        for _ in 0..<1000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, place + Int.random(in: 0...400, using: &random))
                let mark = marks.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = mark
                case 1: bytes.insert(mark, at: place)
                case 2: bytes.removeSubrange(place..<end)
                case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
                default:
                    let other = seeds.randomElement(using: &random) ?? []
                    bytes = Array(bytes[..<place] + other.dropFirst(place))
                }
            }
            try laws.check(bytes)
        }
    }
}
