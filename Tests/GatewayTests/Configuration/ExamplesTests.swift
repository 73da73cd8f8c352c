import Access
import Core
import Foundation
import Testing

@testable import Gateway

/// A request to one of the examples, and how it ends.
struct ExampleRequest: Sendable, CustomTestStringConvertible {
    let file: String
    let host: String
    let path: String
    var tenant: String?
    var roles: [String] = []
    var client = "192.0.2.7"
    let verdict: Explanation.Verdict
    var reason: ReasonCode?

    var testDescription: String { "\(file): \(host)\(path) as \(tenant ?? "nobody") \(roles)" }

    static let all: [ExampleRequest] = [
        .init(file: "single-application", host: "app.example.org", path: "/assets/a.css", verdict: .forward),
        .init(
            file: "single-application", host: "app.example.org", path: "/", verdict: .refuse, reason: .loginRequired),
        .init(
            file: "single-application", host: "app.example.org", path: "/hooks/payment", verdict: .refuse,
            reason: .methodNotAllowed),
        .init(
            file: "several-applications", host: "wiki.example.org", path: "/", verdict: .refuse, reason: .loginRequired),
        .init(
            file: "several-applications", host: "elsewhere.example.org", path: "/", verdict: .refuse,
            reason: .hostUnknown),
        .init(file: "multi-tenant-saas", host: "app.example.org", path: "/pricing/", verdict: .forward),
        .init(file: "multi-tenant-saas", host: "acme.example.org", path: "/", tenant: "acme", verdict: .forward),
        .init(
            file: "multi-tenant-saas", host: "acme.example.org", path: "/", tenant: "acme", client: "198.51.100.1",
            verdict: .refuse, reason: .networkRefused),
        .init(
            file: "multi-tenant-saas", host: "acme.example.org", path: "/", tenant: "globex", verdict: .refuse,
            reason: .sessionWrongTenant),
        .init(
            file: "multi-tenant-saas", host: "globex.example.org", path: "/billing/", tenant: "globex",
            verdict: .refuse, reason: .roleMissing),
        .init(
            file: "multi-tenant-saas", host: "globex.example.org", path: "/billing/", tenant: "globex",
            roles: ["billing"], verdict: .forward),
        .init(
            file: "behind-a-balancer", host: "app.example.org", path: "/", verdict: .refuse, reason: .loginRequired),
        .init(file: "../quickstart", host: "localhost", path: "/public/", verdict: .forward),
        .init(file: "../quickstart", host: "localhost", path: "/admin/", verdict: .refuse, reason: .loginRequired),
        .init(
            file: "../quickstart", host: "localhost", path: "/admin/", tenant: "demo", verdict: .refuse,
            reason: .roleMissing),
        .init(
            file: "../quickstart", host: "localhost", path: "/admin/", tenant: "demo", roles: ["admin"],
            verdict: .forward),
    ]
}

@Suite("The examples are good, and do what their comments say")
struct ExamplesTests {
    /// The committed folder `config`, with stand-ins for the certificates and keys that an operator brings.
    private static func folder(_ file: String) throws -> ConfigurationFolder {
        var folder = ConfigurationFolder()
        folder.environment = ["GATEHOUSE_QUICKSTART": "/srv/state"]
        folder.folders = ["/srv/state"]
        folder.masterKeyCheck = { $0.hasSuffix("/keys/master.key") ? nil : .missing }
        let names = FileManager.default.enumerator(atPath: CommittedFile.url("config").path)
        while let name = names?.nextObject() as? String {
            if name.hasSuffix(".yaml") { folder.write("config/\(name)", try CommittedFile.text("config/\(name)")) }
        }
        let text = try CommittedFile.text("config/\(file)").replacing("${GATEHOUSE_QUICKSTART}", with: "/srv/state")
        for word in text.split(whereSeparator: { " ,{}[]\"\n".contains($0) }).map(String.init) {
            let path = word.hasPrefix("/") ? word : file.hasPrefix("examples/") ? "config/examples/\(word)" : word
            if word.hasSuffix(".pem") { folder.write(path, ConfigurationFolder.chain) }
            if word.hasSuffix(".key") { folder.write(path, ConfigurationFolder.key) }
        }
        return folder
    }

    private static func path(of name: String) -> String {
        name.hasPrefix("../") ? "\(name.dropFirst(3)).yaml" : "examples/\(name).yaml"
    }

    @Test("each is good, and without a warning", arguments: Set(ExampleRequest.all.map(\.file)).sorted())
    func good(_ name: String) throws {
        let file = Self.path(of: name)
        let folder = try Self.folder(file)
        #expect(folder.faults("config/\(file)") == [])
        #expect(folder.load("config/\(file)").warnings == [])
    }

    @Test("none is forgotten here")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: CommittedFile.url("config/examples").path)
        let files = names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        #expect(Set(files) == Set(ExampleRequest.all.map(\.file)).subtracting(["../quickstart"]))
    }

    @Test("a request to it ends as its comments say", arguments: ExampleRequest.all)
    func request(_ request: ExampleRequest) throws {
        let file = Self.path(of: request.file)
        let settings = try Self.folder(file).settings("config/\(file)")
        let snapshot = try AccessSnapshot(settings.access, generation: 1)
        let member = try request.tenant.map { tenant in
            SupposedMember(
                tenant: try #require(TenantID(tenant)), roles: try request.roles.map { try #require(RoleName($0)) })
        }
        let explanation = Gate.explain(
            host: request.host, path: request.path, member: member, client: try #require(ClientAddress(request.client)),
            snapshot: snapshot)
        #expect(explanation.verdict == request.verdict)
        #expect(explanation.reason == request.reason || explanation.notedSessionReason == request.reason)
    }
}
