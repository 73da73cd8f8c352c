import Login
import TestSupport
import Testing

@Suite("The page about SAML knows every reason of a sign-in")
struct SSOReasonTests {
    @Test("there is one row a code, in the order of the list")
    func rows() throws {
        let page = try TestFile.bytes("../Sources/Gateway/Documentation.docc/SAML.md")
        let lines = String(decoding: page, as: UTF8.self).split(separator: "\n")
        let words = lines.drop { !$0.hasPrefix("Those of the sign-in") }
        let codes = words.filter { $0.hasPrefix("| `") }.map { $0.split(separator: "`")[1] }
        #expect(codes.prefix(SSOReason.allCases.count) == SSOReason.allCases.map { Substring($0.rawValue) }[...])
    }
}
