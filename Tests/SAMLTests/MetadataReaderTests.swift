import Core
import Testing

@testable import SAML

@Suite("Metadata of providers")
struct MetadataReaderTests {
    private static func key(_ name: String, use: String? = "signing") throws -> String {
        let text = Base64.encode(try World.certificate(name), alphabet: .standard)
        let attribute = use.map { #" use="\#($0)""# } ?? ""
        return "<md:KeyDescriptor\(attribute)><ds:KeyInfo xmlns:ds=\"\(Names.signatureSpace)\"><ds:X509Data>"
            + "<ds:X509Certificate>\n\(text)\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    }

    private static func entity(_ keys: String, more: String = "", head: String = "", id: String = "urn:idp") -> String {
        "<md:EntityDescriptor xmlns:md=\"\(Names.metadataSpace)\" entityID=\"\(id)\"\(head)><md:IDPSSODescriptor "
            + "protocolSupportEnumeration=\"urn:x \(Names.protocolSpace)\">\(keys)\(more)</md:IDPSSODescriptor>"
            + "</md:EntityDescriptor>"
    }

    private func read(_ text: String) throws(MetadataFault) -> IdentityProvider {
        try MetadataReader.read(Array(text.utf8))
    }

    @Test("entity, keys, addresses, formats and ends are read")
    func whole() throws {
        let more =
            "<md:NameIDFormat>\(NameIDFormat.persistent.rawValue)</md:NameIDFormat>"
            + #"<md:SingleLogoutService Binding="\#(SAMLBinding.redirect.rawValue)" Location="https://i.example/slo""#
            + #" ResponseLocation="https://i.example/slr"/>"#
            + #"<md:SingleSignOnService Binding="\#(SAMLBinding.post.rawValue)" Location="https://i.example/post"/>"#
            + #"<md:SingleSignOnService Binding="urn:x" Location="https://i.example/soap"/>"#
        let keys = try Self.key("provider") + Self.key("elliptic", use: nil) + Self.key("ours", use: "encryption")
        let head = #" validUntil="2026-06-02T12:00:00Z" cacheDuration="PT6H""#
        let provider = try read(Self.entity(keys, more: more, head: head))
        #expect(provider.entityID == "urn:idp")
        #expect(
            try provider.signingKeys.map(\.certificate) == [
                World.certificate("provider"), World.certificate("elliptic"),
            ])
        #expect(IdentityProvider.location(.post, in: provider.singleSignOn) == "https://i.example/post")
        #expect(IdentityProvider.location(.redirect, in: provider.singleSignOn) == nil)
        #expect(provider.singleSignOn.count == 1)
        #expect(provider.singleLogout.first?.responseLocation == "https://i.example/slr")
        #expect(provider.nameIDFormats == [NameIDFormat.persistent.rawValue])
        #expect(provider.validUntil == WallTime(milliseconds: World.now.milliseconds + 86_400_000))
        #expect(provider.cacheDuration == .hours(6))
        #expect(provider.warnings == [])
    }

    @Test("one provider among other entities is found; two are refused")
    func several() throws {
        let one = Self.entity(try Self.key("provider"))
        let other = "<md:EntityDescriptor xmlns:md=\"\(Names.metadataSpace)\" entityID=\"urn:sp\"/>"
        func all(_ inner: String) -> String {
            "<md:EntitiesDescriptor xmlns:md=\"\(Names.metadataSpace)\" validUntil=\"2026-06-01T13:00:00Z\">"
                + "\(inner)</md:EntitiesDescriptor>"
        }
        let provider = try read(all(other + one))
        #expect(provider.entityID == "urn:idp")
        #expect(provider.validUntil == WallTime(milliseconds: World.now.milliseconds + 3_600_000))
        #expect(throws: MetadataFault.self) { try read(all(one + one)) }
        #expect(throws: MetadataFault.self) { try read(all(other)) }
    }

    @Test("an address that is not https is left out, and said")
    func cleartext() throws {
        let more =
            #"<md:SingleSignOnService Binding="\#(SAMLBinding.post.rawValue)" Location="http://i.example/post"/>"#
        let provider = try read(Self.entity(try Self.key("provider"), more: more))
        #expect(provider.singleSignOn == [] && provider.warnings.count == 1)
    }

    @Test(
        "what cannot be used is refused in words",
        arguments: [
            "", "<x/>", "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"/>",
            "<!DOCTYPE x><x/>",
        ])
    func refused(text: String) { #expect(throws: MetadataFault.self) { try read(text) } }

    @Test("without a certificate, with a broken one or a time that is none it is refused")
    func faults() throws {
        let key = try Self.key("provider")
        #expect(throws: MetadataFault.self) { try read(Self.entity("")) }
        #expect(throws: MetadataFault.self) { try read(Self.entity(key.replacing("MII", with: "AAA"))) }
        #expect(throws: MetadataFault.self) { try read(Self.entity(key, head: " validUntil='soon'")) }
        #expect(throws: MetadataFault.self) { try read(Self.entity(key, id: "")) }
        let longest = String(repeating: "x", count: IdentityProvider.longestEntityID)
        #expect(throws: MetadataFault.self) { try read(Self.entity(key, id: longest + "x")) }
        #expect(throws: Never.self) { try read(Self.entity(key, id: longest)) }
        #expect(throws: Never.self) { try read(Self.entity(key)) }
    }

    @Test(
        "a cacheDuration that is no duration is left out with a warning, another one counts", arguments: ["P1DT", "6h"])
    func advice(_ text: String) throws {
        let key = try Self.key("provider")
        let provider = try read(Self.entity(key, head: " cacheDuration='\(text)'"))
        #expect(provider.cacheDuration == nil)
        #expect(provider.warnings == ["cacheDuration is \"\(text)\", not a duration, and was left out"])
        #expect(try read(Self.entity(key, head: " cacheDuration='P1D'")).cacheDuration == .hours(24))
    }
}
