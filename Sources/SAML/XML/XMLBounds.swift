/// How large a document may be, in each way in which it can cost time or memory.
///
/// libxml2 takes over a second for an element with 20,000 attributes, and a canonical form repeats a namespace on each
/// element that needs it: what follows holds both within milliseconds.
struct XMLBounds: Sendable {
    let bytes: Int
    /// Elements and comments.
    let nodes: Int
    /// Attributes of all elements together.
    let attributes: Int
    var depth = 64
    /// Attributes and declarations of namespaces of one element.
    var attributesOfElement = 128
    /// Declarations of namespaces in force at one place: a canonical form sorts those that each element needs.
    var namespacesInScope = 32
    /// Bytes of a namespace's name.
    var namespaceName = 128

    /// What comes from browsers: 128 KiB.
    static let message = XMLBounds(bytes: 131_072, nodes: 4096, attributes: 2048)
    /// What was digested, which may be longer than what came: the canonical form writes out what was short.
    static let digested = XMLBounds(bytes: 262_144, nodes: 4096, attributes: 2048)
    /// Metadata of a provider, which comes from a file or an address that the operator named.
    static let metadata = XMLBounds(bytes: 1_048_576, nodes: 32_768, attributes: 32_768)
}
