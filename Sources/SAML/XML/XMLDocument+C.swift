import CXMLSec

/// A document that libxml2 has parsed, after `XMLScan` has looked at it, and its root as a value.
@safe final class XMLDocument {
    // Invariant: made by `gh_xml_parse`, freed by `deinit` alone; every `Element` of `root` has its node's index.
    private let pointer: OpaquePointer
    let root: Element

    /// How a verification ended.
    enum Verdict {
        /// The octets that were digested.
        case verified([UInt8])
        case digestDiffers
        case signatureDiffers
        case unusable
    }

    /// - Throws: `SAMLRefusal` for what is beyond `bounds`, not well-formed, or not well-formed as to namespaces.
    init(parsing bytes: [UInt8], _ bounds: XMLBounds) throws(SAMLRefusal) {
        try XMLScan.check(bytes, bounds)
        precondition(gh_xml_prepare() == 1, "the host's libxmlsec1 failed")
        var fault: Int32 = 0
        let parsed = unsafe bytes.withUnsafeBufferPointer { unsafe gh_xml_parse($0.baseAddress, $0.count, &fault) }
        guard let parsed = unsafe parsed else {
            guard fault != GH_XML_NAMESPACES_MALFORMED else {
                throw SAMLRefusal(.xmlNamespaceMalformed, "the document's namespaces are not well-formed")
            }
            throw SAMLRefusal(.xmlMalformed, "the document is not well-formed")
        }
        guard let root = unsafe Self.tree(parsed) else {
            unsafe gh_xml_free(parsed)
            throw SAMLRefusal(.xmlMalformed, "the document is not well-formed")
        }
        unsafe pointer = parsed
        self.root = root
    }

    deinit { unsafe gh_xml_free(pointer) }

    /// Verifies the signature over the element with one key; both are elements of this document.
    func verify(signature: Element, over target: Element, key: VerificationKey, isLegacy: Bool) -> Verdict {
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        let result = unsafe gh_xml_verify(
            pointer, signature.node, target.node, key.pointer, isLegacy ? 1 : 0, &octets, &count)
        // What was handed out is freed here, on every way out.
        defer { unsafe gh_xml_octets_free(octets, count) }
        switch Int(result) {
        case Int(GH_XML_VERIFIED):
            guard let octets = unsafe octets, count > 0 else { return .unusable }
            return .verified(unsafe Array(UnsafeBufferPointer(start: octets, count: count)))
        case Int(GH_XML_DIGEST_DIFFERS): return .digestDiffers
        case Int(GH_XML_SIGNATURE_DIFFERS): return .signatureDiffers
        default: return .unusable
        }
    }

    /// Reads the list of nodes into a tree of values.
    private static func tree(_ document: OpaquePointer) -> Element? {
        var builder = ElementBuilder()
        var spaces = unsafe SpaceNames()
        for index in 0..<(unsafe gh_xml_node_count(document)) {
            // `index` is below the count; the node's texts live as long as the document.
            let node = unsafe gh_xml_node_at(document, index)
            let depth = unsafe Int(node.depth)
            switch unsafe Int(node.kind) {
            case Int(GH_XML_ELEMENT):
                guard let name = unsafe node.name else { return nil }
                var attributes: [Element.Attribute] = []
                var attribute = unsafe gh_xml_attribute()
                while unsafe gh_xml_next_attribute(document, index, &attribute) == 1 {
                    guard let name = unsafe attribute.name, let value = unsafe attribute.value else { return nil }
                    attributes.append(
                        unsafe Element.Attribute(
                            name: String(cString: name), space: spaces.name(attribute.space),
                            value: String(cString: value)))
                }
                builder.add(
                    unsafe Element(
                        node: index, name: String(cString: name), space: spaces.name(node.space),
                        attributes: attributes), depth: depth)
            case Int(GH_XML_TEXT):
                guard let text = unsafe node.text else { return nil }
                builder.add(text: unsafe String(cString: text), depth: depth)
            default: builder.addComment(depth: depth)
            }
        }
        return builder.end()
    }
}

/// Namespaces come again and again, each time at the same place in memory while its document lives.
@unsafe private struct SpaceNames {
    private var last: UnsafePointer<CChar>?
    private var text = ""

    mutating func name(_ pointer: UnsafePointer<CChar>?) -> String {
        guard let pointer = unsafe pointer else { return "" }
        if unsafe pointer != last {
            unsafe last = pointer
            unsafe text = String(cString: pointer)
        }
        return unsafe text
    }
}
