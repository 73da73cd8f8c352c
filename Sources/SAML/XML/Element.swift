/// An element of a parsed document: once its tree is built it does not change, and nothing of the parser is needed any more.
/// A class, so that walks over thousands of elements copy none.
final class Element {
    /// Its place among the document's nodes, by which a signature over it is verified.
    let node: Int
    /// The local name.
    let name: String
    /// The namespace; empty for none.
    let space: String
    fileprivate(set) var attributes: [Attribute]
    fileprivate(set) var children: [Element] = []
    /// All text directly within it, put together.
    fileprivate(set) var text = ""
    /// A comment stands directly within it.
    fileprivate(set) var hasComment = false

    struct Attribute: Sendable {
        let name: String
        let space: String
        let value: String
    }

    init(node: Int, name: String, space: String, attributes: [Attribute]) {
        self.node = node
        self.name = name
        self.space = space
        self.attributes = attributes
    }

    func isNamed(_ name: String, in space: String) -> Bool { self.name == name && self.space == space }

    /// The value of an attribute without a namespace; nil where there is none.
    func attribute(_ name: String) -> String? { attributes.first { $0.name == name && $0.space.isEmpty }?.value }

    func children(_ name: String, in space: String) -> [Element] { children.filter { $0.isNamed(name, in: space) } }

    /// The only child of that name; nil where there is none.
    /// - Throws: `SAMLRefusal` where there are several.
    func child(_ name: String, in space: String) throws(SAMLRefusal) -> Element? {
        let found = children(name, in: space)
        guard found.count <= 1 else {
            throw SAMLRefusal(.elementMalformed, "\(self.name) has \(found.count) elements \(name); one is allowed")
        }
        return found.first
    }

    /// Its text without blanks at either end.  A text that a comment cuts is refused (two parsers read two values), and
    /// so is one with elements in it.
    func value() throws(SAMLRefusal) -> String {
        guard !hasComment else { throw SAMLRefusal(.xmlComment, "a comment stands within the value of \(name)") }
        guard children.isEmpty else {
            throw SAMLRefusal(.elementMalformed, "\(name) has elements where a value is expected")
        }
        return Self.trimmed(text)
    }

    /// The element and everything below it, in document order, without recursion.
    func visit<Failure: Error>(_ body: (Element, _ parent: Element?) throws(Failure) -> Void) throws(Failure) {
        var waiting: [(element: Element, parent: Element?)] = [(self, nil)]
        while let (element, parent) = waiting.popLast() {
            try body(element, parent)
            for child in element.children.reversed() { waiting.append((child, element)) }
        }
    }

    static func trimmed(_ text: String) -> String {
        let octets = text.utf8
        guard let first = octets.firstIndex(where: { !isBlank($0) }),
            let last = octets.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(text[first...last])
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D
    }
}

/// Puts elements together as they come in document order.
struct ElementBuilder {
    private var open: [Element] = []

    /// Closes whatever is not above `depth`.
    private mutating func close(to depth: Int) {
        while open.count > max(depth, 1) {
            let element = open.removeLast()
            open[open.count - 1].children.append(element)
        }
    }

    mutating func add(_ element: Element, depth: Int) {
        close(to: depth)
        open.append(element)
    }

    mutating func add(text: String, depth: Int) {
        close(to: depth)
        guard !open.isEmpty else { return }
        open[open.count - 1].text += text
    }

    mutating func addComment(depth: Int) {
        close(to: depth)
        guard !open.isEmpty else { return }
        open[open.count - 1].hasComment = true
    }

    /// The root; nil where nothing came.
    mutating func end() -> Element? {
        close(to: 1)
        return open.first
    }
}
