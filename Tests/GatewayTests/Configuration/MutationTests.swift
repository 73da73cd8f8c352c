import Testing

@testable import Gateway

@Suite("No file makes the reader stop without an answer")
struct MutationTests {
    private static let pieces: [String] = [
        "[", "]", "{", "}", ": ", "- ", "\"", "'", "|\n", ">\n", "&a ", "*a ", "!!x ", "? ", "\t", "${", "%", "#", "\n",
        "  ",
        "null", "~", "---\n", "...\n", "<<: ", "\u{2028}", "\u{FEFF}",
    ]

    @Test(
        "reference.yaml with a few bytes changed is good, or refused with faults that have a place", arguments: 0..<20)
    func mutations(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let reference = Array(try CommittedFile.text("config/reference.yaml").utf8)
        for _ in 0..<25 {
            var bytes = reference
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(contentsOf: (Self.pieces.randomElement(using: &random) ?? "").utf8, at: place)
                case 1: bytes.removeSubrange(place..<min(place + 8, bytes.count))
                default: bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            var folder = ConfigurationFolder(bytes: bytes)
            folder.write("tls/app.pem", ConfigurationFolder.chain)
            folder.write("tls/app.key", ConfigurationFolder.key)
            folder.write("tenants/acme.yaml", try CommittedFile.text("config/tenants/acme.yaml"))
            guard case .failure(let faults) = folder.load().settings else { continue }
            #expect(!faults.faults.isEmpty)
            for fault in faults.faults { #expect(fault.position.line >= 1 && fault.position.column >= 1) }
        }
    }
}

/// Random numbers that are the same for the same seed (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
