import SAML
import TestSupport
import Testing

@Suite("The page about SAML knows every reason code")
struct SAMLReasonTests {
    @Test("there is one row a code, in the order of the list, and each says what to do")
    func rows() throws {
        let page = try TestFile.bytes("../Sources/Gateway/Documentation.docc/SAML.md")
        let lines = String(decoding: page, as: UTF8.self).split(separator: "\n")
        // The first table of codes is the messages'; the sign-in's stands behind it.
        let table = lines.drop { !$0.hasPrefix("| code ") }.dropFirst(2).prefix { $0.hasPrefix("| `") }
        let cells = table.map { $0.split(separator: "|").map { $0.trimmingPrefix(" ") } }
        #expect(cells.map { $0[0].dropLast() } == SAMLReason.allCases.map { "`\($0.rawValue)`" })
        for row in cells { #expect(row.count == 3 && row[1].count > 5 && row[2].count > 5) }
    }
}
