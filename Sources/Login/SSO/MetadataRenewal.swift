import Core
import Outbound
import SAML
import Store

/// A document that was fetched and may take the former one's place.
struct MetadataRenewal: Sendable {
    let document: [UInt8]
    let etag: String?
    let provider: IdentityProvider

    /// - Parameters:
    ///   - known: what there is from the same address.
    ///   - former: what its document says.
    init(
        _ answer: FetchedDocument, known: StoredMetadata?, former: IdentityProvider?, at now: WallTime
    ) throws(MetadataRefusal) {
        switch answer {
        case .notModified:
            guard let known, let former else { throw MetadataRefusal("it says that nothing has changed") }
            (document, etag, provider) = (known.document, known.etag, former)
        case .document(let bytes, let tag):
            do throws(MetadataFault) {
                provider = try MetadataReader.read(bytes)
            } catch {
                throw MetadataRefusal("the document cannot be used: \(error)")
            }
            (document, etag) = (bytes, tag)
        }
        if let former, former.entityID != provider.entityID {
            throw MetadataRefusal(
                "the document is of \(Self.shown(provider.entityID)) and not of \(Self.shown(former.entityID)); another "
                    + "provider needs another metadata_url")
        }
        if let end = provider.validUntil, now >= end {
            throw MetadataRefusal("the document has ended at \(SAMLTime.write(end))")
        }
    }

    private static func shown(_ entityID: String) -> String { "\"\(entityID.prefix(150))\"" }
}

/// Why a fetched document is not taken, as a sentence without its full stop.
struct MetadataRefusal: Error, Sendable, Hashable {
    /// Characters that are kept.
    static let longest = 500

    let words: String

    init(_ words: String) { self.words = String(words.prefix(Self.longest)) }
}
