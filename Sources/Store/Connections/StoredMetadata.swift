public import Core

/// The metadata of a connection's provider as it was fetched last, and what is known of the fetching.
///
/// Whoever can write the file puts no certificate in: it is sealed under the tenant's key.
public struct StoredMetadata: Sendable, Hashable {
    /// Where it was fetched from, so that another address in the tenant's file never goes on with the former one's
    /// document; empty where it came from a file.
    public var source: String
    /// The XML that was judged good, which the caller bounds; empty where there is none yet, and only the rest is to be
    /// noted.
    public var document: [UInt8]
    /// When this document came.
    public var fetchedAt: WallTime
    /// When it was asked for last, in vain or not.
    public var checkedAt: WallTime
    /// The server's tag of this document (RFC 9110 §8.8.3); nil where it gave none.
    public var etag: String?
    /// Fetches that have failed since the last that did not.
    public var failures: Int
    /// What went wrong the last time, in words; nil where nothing did.
    public var fault: String?
    /// Fingerprints of the certificates that are pinned for signatures.
    public var keys: [String]
    /// By fingerprint, the smallest number of days before the end that was warned of.
    public var warned: [String: Int]

    public init(
        source: String = "", document: [UInt8], fetchedAt: WallTime, checkedAt: WallTime, etag: String? = nil,
        failures: Int = 0, fault: String? = nil, keys: [String] = [], warned: [String: Int] = [:]
    ) {
        self.source = source
        self.document = document
        self.fetchedAt = fetchedAt
        self.checkedAt = checkedAt
        self.etag = etag
        self.failures = failures
        self.fault = fault
        self.keys = keys
        self.warned = warned
    }
}

extension StoredMetadata {
    /// What is sealed beside the document.
    var notes: [UInt8] {
        var encoder = FieldEncoder()
        encoder.append(source)
        encoder.append(optional: etag)
        encoder.append(optional: fault)
        encoder.append(list: keys)
        for (fingerprint, days) in warned.sorted(by: { $0.key < $1.key }) {
            encoder.append(fingerprint)
            encoder.append(Int64(days))
        }
        return encoder.bytes
    }

    mutating func readNotes(_ bytes: [UInt8]) throws(FieldDecoder.Malformed) {
        var decoder = FieldDecoder(bytes)
        source = try decoder.text()
        etag = try decoder.optionalText()
        fault = try decoder.optionalText()
        keys = try decoder.list()
        warned = [:]
        while !decoder.isAtEnd {
            let fingerprint = try decoder.text()
            warned[fingerprint] = Int(clamping: try decoder.number())
        }
    }
}
