public import Core

/// A document from an address that is a tenant's word and not the operator's, such as a provider's metadata.
///
/// It can reach nothing within our own networks, wherever names and redirects lead (security rule 29): the address of
/// each connection is looked at after the name was resolved and before anything is sent.  TLS is verified, proxies of the
/// environment are not heeded, and size, time and redirects are bounded.  It blocks its thread.
public struct HTTPSFetch: Sendable, Hashable {
    /// Bytes of a document.
    public static let longestBody = 2 * 1024 * 1024
    /// Bytes of an answer's head.
    public static let longestHead = 64 * 1024
    /// From the look-up of the name to the last byte, redirects included.
    public static let totalMilliseconds = 15_000
    /// Until there is a connection, TLS included.
    public static let connectMilliseconds = 10_000
    /// How often it is sent on, to https addresses alone.
    public static let mostRedirects = 3
    /// Bytes of an entity tag that is kept and sent back.
    public static let longestTag = 256
    /// Bytes of an address.
    public static let longestURL = 2048

    public var url: String
    /// The authorities, in PEM, on whose word a certificate is taken; nil for this machine's.
    public var caFile: String?
    /// Networks that may be reached although they are reserved for loopback, link-local or private use.
    public var allowed: [AddressRange]
    /// Of the copy that is there (RFC 9110 §8.8.3); nil where there is none.
    public var etag: String?
    /// In place of what the resolver says; for tests.
    var resolve: [ResolveOverride] = []

    public init(url: String, caFile: String?, allowed: [AddressRange], etag: String?) {
        self.url = url
        self.caFile = caFile
        self.allowed = allowed
        self.etag = etag
    }

    /// Asks, and waits for the answer.
    /// - Throws: `FetchFailure` for every answer but 200, or 304 where an `etag` was sent.
    public func fetch() throws(FetchFailure) -> FetchedDocument {
        let guardian = AddressGuard(allowed: allowed)
        let transfer: CurlTransfer
        do throws(ProbeFailure) {
            transfer = try prepared(guardian)
            try transfer.perform()
        } catch {
            if let address = guardian.refused { throw .addressRefused("\(address)") }
            throw .transfer(error)
        }
        guard !transfer.isCut else { throw .tooLong }
        guard let head = AnswerHead(transfer.head) else { throw .transfer(.broken("the answer is no HTTP")) }
        switch head.status {
        case 200: return .document(transfer.body, etag: Self.tag(in: head))
        case 304 where sentTag != nil: return .notModified
        default: throw .status(head.status)
        }
    }

    private var sentTag: String? { etag.flatMap { Self.isTag($0) ? $0 : nil } }

    private func prepared(_ guardian: AddressGuard) throws(ProbeFailure) -> CurlTransfer {
        guard url.utf8.count <= Self.longestURL, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("the URL is too long, or has characters that cannot be sent")
        }
        let transfer = try CurlTransfer(longestHead: Self.longestHead, longestBody: Self.longestBody)
        try transfer.setFetch(url: url, mostRedirects: Self.mostRedirects)
        try transfer.setBounds(
            connectMilliseconds: Self.connectMilliseconds, totalMilliseconds: Self.totalMilliseconds)
        try transfer.set(versions: .tls12 ... .tls13)
        try transfer.set(trust: caFile.map { .file($0) } ?? .systemStore)
        transfer.admit(guardian)
        for override in resolve { try transfer.addResolve("\(override)") }
        try transfer.addField("Accept: application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.5")
        if let sentTag { try transfer.addField("If-None-Match: \(sentTag)") }
        return transfer
    }

    private static func tag(in head: AnswerHead) -> String? {
        let values = head.fields.filter { $0.name.lowercased() == "etag" }.map(\.value)
        guard values.count == 1, let value = values.first, isTag(value) else { return nil }
        return value
    }

    /// `"…"` or `W/"…"`, without what would end a field.
    private static func isTag(_ text: String) -> Bool {
        (2...longestTag).contains(text.utf8.count) && text.hasSuffix("\"")
            && (text.hasPrefix("\"") || text.hasPrefix("W/\""))
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// What came back.
public enum FetchedDocument: Sendable, Hashable {
    /// The document, `HTTPSFetch.longestBody` at most, and the tag by which it is known.
    case document([UInt8], etag: String?)
    /// The copy that is there is the document.
    case notModified
}

/// Why nothing came back, in words for whoever runs the gateway.
public enum FetchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name, or a redirect, leads to a reserved address that is not allowed.
    case addressRefused(String)
    /// It answered something else than a document.
    case status(Int)
    /// The document is longer than `HTTPSFetch.longestBody`.
    case tooLong
    /// There was no connection, no trust or no whole answer.
    case transfer(ProbeFailure)

    /// A sentence without its full stop.
    public var description: String {
        switch self {
        case .addressRefused(let address):
            "it leads to \(address), which is reserved for local or special use; outbound.allowed_networks can allow it"
        case .status(let code): "it answered \(code)"
        case .tooLong: "the document is longer than \(HTTPSFetch.longestBody) bytes"
        case .transfer(let failure): "\(failure)"
        }
    }
}

/// Says which addresses a transfer may connect to; one thread at a time.
final class AddressGuard {
    private let allowed: [AddressRange]
    /// The first one that was refused.
    private(set) var refused: ClientAddress?

    init(allowed: [AddressRange]) { self.allowed = allowed }

    func admits(_ address: ClientAddress) -> Bool {
        let isAdmitted =
            !ReservedAddresses.contains(address) || allowed.contains { $0.contains(address) }
        if !isAdmitted, refused == nil { refused = address }
        return isAdmitted
    }
}
