import COpenSSL
public import Core

/// What a certificate that somebody showed says of itself.  Nothing here is proven: whether it may be believed is for
/// whoever verified its chain.
public struct PeerCertificate: Sendable, Hashable {
    /// Names and addresses that are kept; what follows them is not looked at.
    public static let mostNames = 1000

    /// The DNS names, lower-case, wildcards as they stand; the common name where there is none.
    public let names: [String]
    /// The IP addresses.
    public let addresses: [ClientAddress]
    /// The name of who signed it, as RFC 2253 writes it.
    public let issuer: String
    /// Seconds since 1970.
    public let notBefore: Int64
    public let notAfter: Int64

    /// From its parts.
    public init(names: [String], addresses: [ClientAddress] = [], issuer: String, notBefore: Int64, notAfter: Int64) {
        self.names = names
        self.addresses = addresses
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Reads the first certificate of a text in PEM; nil where none can be read.
    public init?(pem: [UInt8]) {
        let pointer = unsafe pem.withUnsafeBufferPointer { unsafe gh_certificate_read($0.baseAddress, $0.count) }
        guard let certificate = unsafe pointer else {
            _ = unsafe gh_last_error(nil, 0)
            return nil
        }
        // Freed on every way out; nothing keeps it.
        defer { unsafe X509_free(certificate) }
        var before: Int64 = 0
        var after: Int64 = 0
        var issuer = [CChar](repeating: 0, count: 512)
        guard unsafe gh_certificate_period(certificate, &before, &after) == 1,
            unsafe gh_certificate_issuer(certificate, &issuer, issuer.count) == 1
        else { return nil }
        var names: [[UInt8]] = []
        var addresses: [[UInt8]] = []
        unsafe withUnsafeMutablePointer(to: &names) { target in
            // `take` is called only while the function runs, and `names` outlives that.
            unsafe gh_certificate_names(certificate, Self.take, target)
        }
        unsafe withUnsafeMutablePointer(to: &addresses) { target in
            // As above.
            unsafe gh_certificate_addresses(certificate, Self.take, target)
        }
        self.init(
            names: names.map { String(decoding: $0, as: UTF8.self).lowercased() },
            addresses: addresses.compactMap(Self.address),
            issuer: String(decoding: issuer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            notBefore: before, notAfter: after)
    }

    /// Adds the bytes to the array of arrays that `argument` points to.
    private static let take: @convention(c) (UnsafePointer<CChar>?, Int, UnsafeMutableRawPointer?) -> Void = {
        bytes, count, argument in
        guard let bytes = unsafe bytes, let argument = unsafe argument else { return }
        let list = unsafe argument.assumingMemoryBound(to: [[UInt8]].self)
        guard unsafe list.pointee.count < mostNames else { return }
        unsafe list.pointee.append(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    }

    /// An iPAddress (RFC 5280 §4.2.1.6): 4 or 16 bytes.
    private static func address(_ octets: [UInt8]) -> ClientAddress? {
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        switch octets.count {
        case 4: return ClientAddress(ipv4: UInt32(truncatingIfNeeded: number(octets[...])))
        case 16: return ClientAddress(high: number(octets[..<8]), low: number(octets[8...]))
        default: return nil
        }
    }
}
