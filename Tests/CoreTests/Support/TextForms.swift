import Core

// Spans cannot pass through the expectation macros; texts can.

extension CanonicalHost {
    mutating func read(text: String) -> ReasonCode? { read(Array(text.utf8).span.bytes) }
}

extension CanonicalPath {
    mutating func read(text: String) -> ReasonCode? { read(Array(text.utf8).span.bytes) }

    func lies(text: String, isExact: Bool = false, isCaseSensitive: Bool = false, reading: Reading = .lenient) -> Bool {
        let octets = Array(text.utf8)
        return lies(at: octets.span, isExact: isExact, isCaseSensitive: isCaseSensitive, reading: reading)
    }
}
