import Login
import Proxy
import SAML
import Testing

@testable import Gateway

@Suite("The page on single sign-on knows every reason, key and metric")
struct SAMLPageTests {
    private static func page() throws -> String {
        try CommittedFile.text("Sources/Gateway/Documentation.docc/SAML.md")
    }

    /// The codes of its tables, each with what to do.
    private static func rows() throws -> [String: String] {
        let matches = try page().matches(of: /\n\| `([a-z0-9-]+)` \| ([^|]+) \| ([^|]+) \|/)
        return Dictionary(matches.map { (String($0.1), String($0.3)) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("every reason of a message and of a sign-in has a row that says what to do")
    func reasons() throws {
        let rows = try Self.rows()
        for code in SAMLReason.allCases.map(\.rawValue) + SSOReason.allCases.map(\.rawValue) {
            #expect((rows[code]?.count ?? 0) > 3, "\(code) has no row")
        }
    }

    @Test("every key of a connection is named")
    func keys() throws {
        let page = try Self.page()
        for path in ConnectionEntry.type.shape.declaredPaths().map(\.path) {
            let key = path.split(separator: ".").last.map(String.init) ?? path
            #expect(page.contains("`\(key)`"), "\(path) is not named")
        }
    }

    @Test("metrics that it names are on the metrics page")
    func metrics() throws {
        var metrics = MetricsPage()
        metrics.singleSignOn(
            .init(signOn: SingleSignOn.Metrics(), connections: SSOConnections.Metrics(), statuses: []))
        let families = metrics.lines.joined(separator: "\n")
        for match in try Self.page().matches(of: /`(gatehouse_[a-z_]+)/) {
            #expect(families.contains("# TYPE \(match.1) "), "\(match.1) is no metric")
        }
    }
}
