/// One linear look over a document before a parser sees it: its encoding, its bounds, and the kinds of markup that
/// SAML never needs and attacks do (DTDs and with them entities, CDATA sections, processing instructions).
///
/// It judges markup only as far as counting needs; whether the document is well-formed is the parser's to say.  It never
/// counts less than the parser would build: where the two could differ, the parser refuses.
struct XMLScan {
    private let bounds: XMLBounds
    private var nodes = 0
    private var attributes = 0
    /// For each open element, how many namespaces are declared at it.
    private var declared: [Int] = []
    private var inScope = 0

    /// - Throws: `SAMLRefusal` for the first thing that is beyond a bound or not allowed.
    static func check(_ bytes: [UInt8], _ bounds: XMLBounds) throws(SAMLRefusal) {
        guard bytes.count <= bounds.bytes else {
            throw SAMLRefusal(
                .messageTooLarge, "the document has \(bytes.count) bytes; at most \(bounds.bytes) are allowed")
        }
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw SAMLRefusal(.xmlEncoding, "the document is not UTF-8")
        }
        var scan = XMLScan(bounds: bounds)
        try scan.run(bytes)
    }

    private init(bounds: XMLBounds) { self.bounds = bounds }

    private mutating func run(_ bytes: [UInt8]) throws(SAMLRefusal) {
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        index = try Self.endOfDeclaration(bytes, from: index)
        while let start = Self.next(UInt8(ascii: "<"), in: bytes, from: index) {
            guard start + 1 < bytes.count else { throw Self.malformed }
            switch bytes[start + 1] {
            case UInt8(ascii: "!"): index = try comment(bytes, at: start)
            case UInt8(ascii: "?"):
                throw SAMLRefusal(.xmlInstruction, "the document has a processing instruction")
            case UInt8(ascii: "/"):
                guard let end = Self.next(UInt8(ascii: ">"), in: bytes, from: start) else { throw Self.malformed }
                guard let count = declared.popLast() else { throw Self.malformed }
                inScope -= count
                index = end + 1
            default: index = try element(bytes, at: start)
            }
        }
    }

    private static let malformed = SAMLRefusal(.xmlMalformed, "the document is not well-formed")

    /// Behind `<?xml … ?>`, whose encoding must be UTF-8 where it names one.
    private static func endOfDeclaration(_ bytes: [UInt8], from index: Int) throws(SAMLRefusal) -> Int {
        guard bytes.dropFirst(index).starts(with: Array("<?xml".utf8)), index + 5 < bytes.count,
            isBlank(bytes[index + 5])
        else { return index }
        guard let end = next(UInt8(ascii: ">"), in: bytes, from: index) else { throw malformed }
        let words = String(decoding: bytes[index..<end], as: UTF8.self).lowercased()
        if words.contains("encoding"), !words.contains("\"utf-8\""), !words.contains("'utf-8'") {
            throw SAMLRefusal(.xmlEncoding, "the document says that its encoding is another than UTF-8")
        }
        guard words.contains("\"1.0\"") || words.contains("'1.0'") else { throw malformed }
        return end + 1
    }

    /// The only markup with `<!` that is allowed.
    private mutating func comment(_ bytes: [UInt8], at start: Int) throws(SAMLRefusal) -> Int {
        let rest = bytes[start...]
        guard rest.starts(with: Array("<!--".utf8)) else {
            guard rest.starts(with: Array("<![CDATA[".utf8)) else {
                throw SAMLRefusal(.xmlDoctype, "the document has a document type or declares something of one")
            }
            throw SAMLRefusal(.xmlCDATA, "the document has a CDATA section")
        }
        try count(element: 0)
        var index = start + 4
        while let dash = Self.next(UInt8(ascii: "-"), in: bytes, from: index) {
            guard dash + 2 < bytes.count else { break }
            if bytes[dash + 1] == UInt8(ascii: "-") {
                guard bytes[dash + 2] == UInt8(ascii: ">") else { throw Self.malformed }
                return dash + 3
            }
            index = dash + 1
        }
        throw Self.malformed
    }

    /// A start tag or an empty element: every attribute has one `=` outside quotes.
    private mutating func element(_ bytes: [UInt8], at start: Int) throws(SAMLRefusal) -> Int {
        var (index, word, isInWord, isNamespace) = (start + 1, start + 1, true, false)
        var (found, namespaces) = (0, 0)
        while index < bytes.count {
            let octet = bytes[index]
            switch octet {
            case UInt8(ascii: "="):
                found += 1
                isNamespace = bytes[word...].starts(with: Self.declaration)
                if isNamespace { namespaces += 1 }
                isInWord = false
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let end = Self.next(octet, in: bytes, from: index + 1) else { throw Self.malformed }
                if isNamespace { try checkNamespace(bytes[(index + 1)..<end]) }
                index = end
                (isNamespace, isInWord) = (false, false)
            case UInt8(ascii: "<"): throw Self.malformed
            case UInt8(ascii: ">"):
                try count(element: found)
                let isEmpty = bytes[index - 1] == UInt8(ascii: "/")
                try countScope(inScope + namespaces, depth: declared.count + 1)
                if !isEmpty {
                    declared.append(namespaces)
                    inScope += namespaces
                }
                return index + 1
            default:
                if Self.isBlank(octet) {
                    isInWord = false
                } else if !isInWord {
                    (word, isInWord) = (index, true)
                }
            }
            index += 1
        }
        throw Self.malformed
    }

    private static let declaration = Array("xmlns".utf8)

    /// A namespace is an absolute URI (or none): what a relative one means in a canonical form was never agreed on, and a
    /// library that gives up there has digested nothing.
    private func checkNamespace(_ name: ArraySlice<UInt8>) throws(SAMLRefusal) {
        guard !name.isEmpty else { return }
        guard name.count <= bounds.namespaceName else {
            throw SAMLRefusal(
                .xmlNamespaceMalformed, "a namespace's name has more than \(bounds.namespaceName) bytes")
        }
        let scheme = name.prefix { $0 != UInt8(ascii: ":") }
        let isAbsolute =
            scheme.count < name.count && scheme.first.map(Self.isLetter) == true
            && scheme.allSatisfy { Self.isLetter($0) || (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) }
        guard isAbsolute else {
            throw SAMLRefusal(
                .xmlNamespaceRelative,
                "the namespace \(Trace.quoted(String(decoding: name, as: UTF8.self))) is no absolute URI")
        }
    }

    private static func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }

    /// Counts one more element or comment, and its attributes.
    private mutating func count(element found: Int) throws(SAMLRefusal) {
        nodes += 1
        attributes += found
        guard nodes <= bounds.nodes else {
            throw SAMLRefusal(
                .xmlTooManyElements, "the document has more than \(bounds.nodes) elements and comments")
        }
        guard found <= bounds.attributesOfElement else {
            throw SAMLRefusal(
                .xmlTooManyAttributes,
                "an element has \(found) attributes; at most \(bounds.attributesOfElement) are allowed")
        }
        guard attributes <= bounds.attributes else {
            throw SAMLRefusal(.xmlTooManyAttributes, "the document has more than \(bounds.attributes) attributes")
        }
    }

    private func countScope(_ namespaces: Int, depth: Int) throws(SAMLRefusal) {
        guard depth <= bounds.depth else {
            throw SAMLRefusal(.xmlTooDeep, "elements are nested deeper than \(bounds.depth)")
        }
        guard namespaces <= bounds.namespacesInScope else {
            throw SAMLRefusal(
                .xmlTooManyNamespaces, "more than \(bounds.namespacesInScope) namespaces are declared at one place")
        }
    }

    private static func next(_ octet: UInt8, in bytes: [UInt8], from index: Int) -> Int? {
        var index = index
        while index < bytes.count {
            if bytes[index] == octet { return index }
            index += 1
        }
        return nil
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D
    }
}
