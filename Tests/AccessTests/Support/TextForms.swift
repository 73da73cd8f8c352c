import Access
import Core

// Spans cannot pass through the expectation macros; texts can.

extension FetchSite {
    init(text: String) { self.init(Array(text.utf8).span.bytes) }
}

extension FetchMode {
    init(text: String) { self.init(Array(text.utf8).span.bytes) }
}

extension FetchDestination {
    init(text: String) { self.init(Array(text.utf8).span.bytes) }
}

extension SessionKey {
    init?(bytes: [UInt8]) { self.init(digest: bytes.span) }
}
