import COpenSSL
import Core

/// How the servers of one upstream are spoken to over TLS: whom to trust, what to show, which protocols to offer.
///
/// TLS 1.2 and 1.3 with the suites of the listeners; a server is always verified, its name included (RFC 9525).  The
/// last session of each server is kept and resumed: it was verified when it was made, by this same context.  Shared by
/// all loops.
@safe public final class TLSClientContext: @unchecked Sendable {
    // `@unchecked`: an SSL_CTX may be used by many threads once it is set up; the sessions behind it have a lock.  The
    // pointer is freed in `deinit`, when no session holds this object any more.
    let pointer: OpaquePointer
    /// What it was made of: contexts made of the same things are interchangeable.
    public let ingredients: Ingredients

    /// What a context is made of.
    public struct Ingredients: Sendable, Hashable {
        /// PEM of the only certificates to trust; nil trusts whom the system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR`
        /// count).
        public var authorities: [UInt8]?
        /// Shown to servers that ask who we are.
        public var certificate: CertificatePair?
        /// Application protocols in the order of preference (RFC 7301), each of 1 to 255 bytes; none offers nothing.
        public var protocols: [String]
        /// How many servers there are, at most 65536; each has a place for its session.
        public var servers: Int

        public init(
            authorities: [UInt8]? = nil, certificate: CertificatePair? = nil, protocols: [String] = ["http/1.1"],
            servers: Int = 1
        ) {
            self.authorities = authorities
            self.certificate = certificate
            self.protocols = protocols
            self.servers = servers
        }
    }

    /// - Throws: `TLSServerContext.Failure` in OpenSSL's words where it refuses one of them.
    public init(_ ingredients: Ingredients) throws(TLSServerContext.Failure) {
        guard let context = unsafe gh_tls_client_context(ingredients.servers) else {
            throw TLSServerContext.Failure(words: TLSServerContext.lastError())
        }
        unsafe pointer = context
        self.ingredients = ingredients
        let isSetUp = unsafe Self.setUp(context, ingredients)
        // From here on `deinit` frees the context.
        guard isSetUp else { throw TLSServerContext.Failure(words: TLSServerContext.lastError()) }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    private static func setUp(_ context: OpaquePointer, _ ingredients: Ingredients) -> Bool {
        if let authorities = ingredients.authorities {
            let count = unsafe authorities.withUnsafeBufferPointer {
                unsafe gh_tls_trust(context, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return false }
        } else if unsafe gh_tls_trust_system(context) != 1 {
            return false
        }
        if let pair = ingredients.certificate {
            let usesChain = unsafe pair.chain.withUnsafeBufferPointer {
                unsafe gh_tls_use_chain(context, $0.baseAddress, $0.count)
            }
            let usesKey = unsafe pair.key.withUnsafeBufferPointer {
                unsafe gh_tls_use_key(context, $0.baseAddress, $0.count)
            }
            guard usesChain == 1, usesKey == 1 else { return false }
        }
        let wire = ingredients.protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
        guard !wire.isEmpty else { return true }
        return unsafe wire.withUnsafeBufferPointer {
            unsafe gh_tls_offer(context, $0.baseAddress, UInt32(clamping: $0.count)) == 1
        }
    }

    /// Whether OpenSSL can read every certificate of a PEM text, and how many there are.
    /// - Throws: its words where it cannot.
    public static func authorities(in pem: [UInt8]) throws(TLSServerContext.Failure) -> Int {
        guard let context = unsafe gh_tls_client_context(0) else {
            throw TLSServerContext.Failure(words: TLSServerContext.lastError())
        }
        // Freed on every way out; nothing keeps it.
        defer { unsafe SSL_CTX_free(context) }
        let count = unsafe pem.withUnsafeBufferPointer { unsafe gh_tls_trust(context, $0.baseAddress, $0.count) }
        guard count > 0 else { throw TLSServerContext.Failure(words: TLSServerContext.lastError()) }
        return Int(count)
    }
}
