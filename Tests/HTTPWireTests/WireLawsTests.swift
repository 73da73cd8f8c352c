import TestSupport
import Testing
import WireLaws

@Suite("The laws that fuzzers hold")
struct WireLawsTests {
    enum Law: String, CaseIterable, Sendable {
        case requestHead = "request-head"
        case responseHead = "response-head"
        case body
        case proxyHeader = "proxy-header"
        case http2

        func check(_ bytes: [UInt8]) throws {
            switch self {
            case .requestHead: try RequestHeadLaws.check(bytes)
            case .responseHead: try ResponseHeadLaws.check(bytes)
            case .body: try BodyLaws.check(bytes)
            case .proxyHeader: try ProxyHeaderLaws.check(bytes)
            case .http2: try HTTP2Laws.check(bytes)
            }
        }
    }

    @Test("what a fuzzer once found stays mended, and seeds are lawful", arguments: Law.allCases)
    func replay(_ law: Law) throws {
        let seeds = try TestFile.folder("Fuzz/seeds/\(law.rawValue)")
        #expect(seeds.count >= 5)
        for file in try seeds + TestFile.folder("Fuzz/regressions/\(law.rawValue)") { try law.check(file.bytes) }
    }

    @Test("2,000 mutations of the seeds are lawful", arguments: Law.allCases)
    func mutations(_ law: Law) throws {
        var random = SeededGenerator(seed: 4711)
        let seeds = try TestFile.folder("Fuzz/seeds/\(law.rawValue)").map(\.bytes)
        let marks = Array("\r\n: \t,;0a/?#".utf8) + [0x00, 0x7F, 0x80]
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
            try law.check(Array(bytes.prefix(600)))
        }
    }
}
