import Core
import Foundation
import SAML
import Testing

@testable import Gateway

@Suite("Commands on connections do what they say, in a process of their own")
struct ConnectionCommandTests {
    private static let tenantFile = """
        id: acme
        name: Acme GmbH
        hosts: [acme.example.org]
        email_domains: [acme.example]
        sign_in: { sso_domains: enforced, break_glass: [it@acme.example] }
        saml:
          - { name: okta, display_name: Acme account, metadata_file: idp.xml }
          - { name: entra, enabled: false, metadata_url: "https://id.example/m" }

        """

    private func folder() throws -> OperatorFolder {
        try OperatorFolder(
            tenantFiles: ["acme.yaml": Self.tenantFile],
            files: ["idp.xml": try CommittedFile.text("Tests/Vectors/saml/metadata.xml")])
    }

    @Test("connections are listed with their state, and a tenant is shown with them")
    func listed() async throws {
        let folder = try folder()
        let list = try await folder.withClient { try $0.listConnections(of: "acme", asJSON: false) }
        let lines = list.text.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("okta   in-use    https://idp.example/metadata"))
        #expect(lines[2].hasPrefix("entra  disabled  -"))
        let shown = try await folder.withClient { try $0.showTenant("acme", asJSON: false) }
        #expect(shown.text.contains("sso_domains:   enforced\n"))
        #expect(shown.text.contains("saml:          okta, entra  (tenants/acme.yaml:6)\n"))
    }

    @Test("our metadata is had before any server runs, as a document, as values to enter, and as JSON")
    func metadata() async throws {
        let folder = try folder()
        let base = "https://acme.example.org/.gatehouse/saml/acme/okta"
        let document = try await folder.withClient {
            try $0.showMetadata(of: "okta", in: "acme", as: .document).text
        }
        #expect(document.hasPrefix("<md:EntityDescriptor "))
        #expect(document.contains("entityID=\"\(base)/metadata\""))
        #expect(document.contains("Location=\"\(base)/acs\""))
        let addresses = try await folder.withClient {
            try $0.showMetadata(of: "okta", in: "acme", as: .addresses).text
        }
        #expect(addresses.contains("acs:       \(base)/acs\n"))
        let json = try await folder.withClient { try $0.showMetadata(of: "okta", in: "acme", as: .json).text }
        #expect(json.contains("\"acs\" : \"\(base)/acs\""))
    }

    @Test("a connection that is none, or not in use, is refused with what to do")
    func unknown() async throws {
        let folder = try folder()
        let none = try await folder.fault { try $0.showMetadata(of: "okto", in: "acme", as: .document) }
        #expect(none?.kind == .badData)
        #expect(none?.description == #"tenant acme has no connection "okto"; did you mean "okta"?"#)
        let disabled = try await folder.fault { try $0.showMetadata(of: "entra", in: "acme", as: .document) }
        #expect(disabled?.description.hasPrefix("connection entra is not in use") == true)
        let misspelt = try await folder.fault { try $0.testConnection("A b", of: "acme", asJSON: false) }
        #expect(misspelt?.description.contains("is no connection's name") == true)
    }

    @Test("a test passes where everything is there, and ends with bad data where something fails")
    func test() async throws {
        let good = try await folder().withClient { try $0.testConnection("okta", of: "acme", asJSON: false) }
        #expect(good.verdict == nil)
        #expect(good.text.contains("pass  metadata"))
        let spoilt = try OperatorFolder(
            tenantFiles: ["acme.yaml": Self.tenantFile], files: ["idp.xml": "<metadata/>"])
        let bad = try await spoilt.withClient { try $0.testConnection("okta", of: "acme", asJSON: true) }
        #expect(bad.verdict == .badData)
        #expect(bad.text.contains("\"outcome\" : \"fail\""))
    }

    @Test("a roll-over begins once, is finished or cancelled, and its metadata names both certificates meanwhile")
    func rollOver() async throws {
        let folder = try folder()
        func certificates() async throws -> Int {
            try await folder.withClient {
                try $0.showMetadata(of: "okta", in: "acme", as: .document).text
                    .matches(of: /<md:KeyDescriptor use="signing">/).count
            }
        }
        #expect(try await certificates() == 1)
        let nothing = try await folder.fault {
            try $0.rollOverKey(of: "okta", in: "acme", step: .finish, asJSON: false)
        }
        #expect(nothing?.description == "no roll-over of connection okta has begun")
        for (step, after) in [(OperatorClient.RollOverStep.begin, 2), (.cancel, 1), (.begin, 2), (.finish, 1)] {
            let done = try await folder.withClient {
                try $0.rollOverKey(of: "okta", in: "acme", step: step, asJSON: false)
            }
            #expect(done.text.hasPrefix("okta: "))
            #expect(try await certificates() == after, "\(step)")
            guard step == .begin else { continue }
            let twice = try await folder.fault {
                try $0.rollOverKey(of: "okta", in: "acme", step: .begin, asJSON: false)
            }
            #expect(twice?.description.contains("has begun already") == true)
        }
    }

    @Test("without a sign-in there are no traces and no links, and both say so")
    func empty() async throws {
        let folder = try folder()
        let traces = try await folder.withClient {
            try $0.listTraces(of: "acme", .init(connection: nil, requestID: nil, limit: nil), asJSON: false)
        }
        #expect(traces.text.isEmpty)
        #expect(traces.note.hasPrefix("no traces"))
        _ = try await folder.withClient { client in
            try client.createUser(
                .init(tenant: "acme", email: "it@acme.example", name: "IT", roles: []),
                password: SecretBytes(copying: Array("Correct-Horse-9".utf8)), asJSON: false)
        }
        let unlinked = try await folder.withClient {
            try $0.unlink("it@acme.example", of: "acme", connection: "okta", asJSON: false)
        }
        #expect(unlinked.text == "0 links removed\n")
    }
}
