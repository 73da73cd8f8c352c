import Testing

@testable import SAML

@Suite("The look before the parser's")
struct XMLScanTests {
    private func reason(_ text: String) -> SAMLReason? {
        do {
            _ = try XMLDocument(parsing: Array(text.utf8), .message)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("bounds are those that are named, to the last one")
    func bounds() {
        func attributes(_ count: Int) -> String { "<x" + (0..<count).map { " a\($0)='='" }.joined() + "/>" }
        #expect(reason(attributes(128)) == nil)
        #expect(reason(attributes(129)) == .xmlTooManyAttributes)
        func nested(_ depth: Int) -> String {
            String(repeating: "<x>", count: depth) + String(repeating: "</x>", count: depth)
        }
        #expect(reason(nested(64)) == nil)
        #expect(reason(nested(65)) == .xmlTooDeep)
        func children(_ count: Int) -> String { "<x>" + String(repeating: "<y/>", count: count) + "</x>" }
        #expect(reason(children(4095)) == nil)
        #expect(reason(children(4096)) == .xmlTooManyElements)
        let many = "<x>" + String(repeating: attributes(128), count: 16) + "</x>"
        #expect(reason(many) == nil)
        #expect(reason(many.replacing("</x>", with: "<y z=''/></x>")) == .xmlTooManyAttributes)
        func spaces(_ count: Int) -> String { "<x" + (0..<count).map { " xmlns:a\($0) = 'urn:x'" }.joined() + "/>" }
        #expect(reason(spaces(32)) == nil)
        #expect(reason("<x xmlns='urn:x'>\(spaces(32))</x>") == .xmlTooManyNamespaces)
        let long = "<x>" + String(repeating: "y", count: 131_072 - 7) + "</x>"
        #expect(reason(long) == nil)
        #expect(reason(long + "\n") == .messageTooLarge)
    }

    @Test("namespaces of elements that ended count no more")
    func scopes() {
        let one = "<y" + (0..<30).map { " xmlns:a\($0)='urn:x'" }.joined() + "></y>"
        #expect(reason("<x>" + one + one + "</x>") == nil)
    }

    @Test("a namespace is an absolute URI", arguments: ["", "urn:x", "http://x", "a+b-c.1:"])
    func absolute(name: String) { #expect(reason("<x xmlns='\(name)'/>") == nil) }

    @Test("a relative one is refused", arguments: ["x", "1", "/x", ":x", "1:x", "#x", "?x:y", "&#x75;rn:x", " urn:x"])
    func relative(name: String) { #expect(reason("<x xmlns='\(name)'/>") == .xmlNamespaceRelative) }

    @Test("values with escapes are read as they are meant")
    func escapes() throws {
        let text = #"<x a="1 &amp; &lt;2&gt; &quot;&#x41;&#65;">p &amp; <!-- no -->q&#x20AC;</x>"#
        let root = try XMLDocument(parsing: Array(text.utf8), .message).root
        #expect(root.attribute("a") == #"1 & <2> "AA"#)
        #expect(root.text == "p & q€" && root.hasComment)
    }

    @Test("the tree is the document's")
    func tree() throws {
        let text = "<a xmlns='urn:1' xmlns:p='urn:2'><b>1</b><p:c d='2' p:d='3'><e/>4<e>5</e>6</p:c>7</a>"
        let root = try XMLDocument(parsing: Array(text.utf8), .message).root
        #expect(root.isNamed("a", in: "urn:1") && root.text == "7" && root.children.count == 2)
        let c = try #require(try root.child("c", in: "urn:2"))
        #expect(c.attribute("d") == "2" && c.attributes.count == 2 && c.text == "46")
        #expect(c.children.map(\.text) == ["", "5"])
        var names: [String] = []
        root.visit { element, parent in names.append((parent?.name ?? "") + element.name) }
        #expect(names == ["a", "ab", "ac", "ce", "ce"])
    }
}
