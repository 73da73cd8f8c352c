import Core
import Testing

@testable import Gateway

@Suite("The troubleshooting page knows every reason code")
struct TroubleshootingTests {
    /// The row of a code up to what to do about it, as the page must have it.
    private static func row(_ reason: ReasonCode) -> String {
        let status = reason.status == 0 ? "–" : "\(reason.status)"
        return "| `\(reason.code)` | \(status) | \(reason.fault.rawValue) | \(reason.summary) | "
    }

    @Test("there is one row a code, in the order of the list, and each says what to do")
    func rows() throws {
        let page = try CommittedFile.text("Sources/Gateway/Documentation.docc/Troubleshooting.md")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        for (row, reason) in zip(rows, ReasonCode.allCases) {
            let expected = Self.row(reason)
            #expect(row.hasPrefix(expected), "the row of \(reason.code) should begin: \(expected)")
            let advice = row.dropFirst(expected.count)
            #expect(advice.count > 15 && advice.hasSuffix(" |"), "the row of \(reason.code) says what to do")
        }
        #expect(rows.count == ReasonCode.allCases.count)
    }

    @Test("keys and commands that the pages name exist")
    func names() throws {
        let keys = Set(GatehouseFile.type.shape.declaredPaths().map(\.path))
        for page in ["Troubleshooting", "Operations", "BehindABalancer", "ThreatModel"] {
            let text = try CommittedFile.text("Sources/Gateway/Documentation.docc/\(page).md")
            for match in text.matches(of: /`((?:limits|login|store|encryption|operations|upstreams\.NAME)\.[a-z_.]+)`/)
            {
                let key = String(match.1).replacing("upstreams.NAME", with: "upstreams.*")
                #expect(keys.contains(key), "\(page).md names \(key), which is no key")
            }
        }
    }
}
