import Access
import Foundation
import HTTPTypes
import Testing

@testable import Portal

@Suite("The script of passkeys")
struct PageScriptTests {
    @Test("it ends no element of the page, fetches nothing, and turns no text into code or markup")
    func harmless() {
        let script = Asset.passkeys.text
        let forbidden = [
            "</", "<!--", "{{", "eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
            "fetch(", "XMLHttpRequest", "import(", "http:", "https:", "localStorage", "document.cookie", "setTimeout",
        ]
        for word in forbidden { #expect(!script.contains(word), "\(word)") }
        #expect(script.contains("\"use strict\";"))
    }

    @Test("a policy lets it run by its own digest, where a page asks for it, and no other page lets a script run")
    func policy() throws {
        let pages = try PortalPages { bytes in
            [UInt8](repeating: bytes == Asset.passkeys.bytes ? 1 : 2, count: 32)
        }
        let script = "script-src 'sha256-\(Data(repeating: 1, count: 32).base64EncodedString())'"
        let with = pages.contentSecurityPolicy(for: nil, runsScript: true)
        #expect(with.hasPrefix("default-src 'none'; \(script); style-src "))
        #expect(!pages.contentSecurityPolicy(for: nil).contains("script-src"))
        #expect(!pages.contentSecurityPolicy.contains("script-src") && !with.contains("unsafe"))
        let response = pages.response(status: .ok, html: "", language: .english, runsScript: true)
        #expect(response.head.headerFields[.contentSecurityPolicy] == with)
    }
}
