public import Core

/// What a closer look at a certificate chain and its key can find.  The look itself needs a TLS library and
/// is handed in as a `CertificateCheck`.
public enum CertificateFault: Error, Hashable, Sendable {
    /// The chain cannot be parsed; in the library's words.
    case chainMalformed(String)
    /// The key cannot be parsed; in the library's words.
    case keyMalformed(String)
    /// The key is not the first certificate's.
    case mismatch
    /// The first certificate is over since then; it is served all the same.
    case expired(WallTime)
    /// The first certificate begins only then; it is served all the same.
    case notYetValid(WallTime)
}

/// Looks at the PEM bytes of a chain and its key; nil where they fit.
public typealias CertificateCheck = @Sendable (_ chain: [UInt8], _ key: [UInt8]) -> CertificateFault?
