import COpenSSL

/// A certificate chain and its private key, read and found to belong together.
public struct CertificatePair: Sendable, Hashable {
    /// PEM: the leaf first, then its issuers.
    public let chain: [UInt8]
    let key: [UInt8]
    /// The leaf's DNS names, lower-case, wildcards as they stand.
    public let names: [String]
    /// Seconds since 1970.
    public let notBefore: Int64
    public let notAfter: Int64

    /// Why a pair cannot be used.
    public enum Fault: Error, Sendable, Hashable {
        /// The chain file holds no certificate in PEM form.
        case noCertificate
        /// The key file holds no private key in PEM form, or an encrypted one.
        case noKey
        /// The key is not the one that the first certificate names.
        case mismatch
        /// A certificate behind the first one cannot be read; OpenSSL's words.
        case refused(String)
    }

    public init(chain: [UInt8], key: [UInt8]) throws(Fault) {
        let pointer = unsafe chain.withUnsafeBufferPointer { unsafe gh_certificate_read($0.baseAddress, $0.count) }
        guard let certificate = unsafe pointer else {
            _ = unsafe gh_last_error(nil, 0)
            throw .noCertificate
        }
        // Freed on every way out; nothing keeps it.
        defer { unsafe X509_free(certificate) }
        let keyPointer = unsafe key.withUnsafeBufferPointer { unsafe gh_key_read($0.baseAddress, $0.count) }
        guard let privateKey = unsafe keyPointer else {
            _ = unsafe gh_last_error(nil, 0)
            throw .noKey
        }
        defer { unsafe EVP_PKEY_free(privateKey) }
        guard unsafe X509_check_private_key(certificate, privateKey) == 1 else {
            _ = unsafe gh_last_error(nil, 0)
            throw .mismatch
        }
        let isWhole = unsafe chain.withUnsafeBufferPointer { unsafe gh_chain_is_whole($0.baseAddress, $0.count) }
        guard isWhole == 1 else { throw .refused(TLSServerContext.lastError()) }
        var before: Int64 = 0
        var after: Int64 = 0
        guard unsafe gh_certificate_period(certificate, &before, &after) == 1 else { throw .noCertificate }
        var found: [String] = []
        unsafe withUnsafeMutablePointer(to: &found) { target in
            // `take` is called only while gh_certificate_names runs, and `found` outlives that.
            unsafe gh_certificate_names(
                certificate,
                { name, count, argument in
                    guard let name = unsafe name, let argument = unsafe argument else { return }
                    let bytes = unsafe UnsafeRawBufferPointer(start: name, count: count)
                    unsafe argument.assumingMemoryBound(to: [String].self).pointee.append(
                        String(decoding: bytes, as: UTF8.self).lowercased())
                }, target)
        }
        self.chain = chain
        self.key = key
        names = found
        notBefore = before
        notAfter = after
    }
}
