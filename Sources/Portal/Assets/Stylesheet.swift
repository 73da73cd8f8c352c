import FoundationEssentials

/// The one stylesheet of all pages, with the two names that its SHA-256 gives it: the source expression
/// that lets a page carry it inline, and the file name under which it may be cached for ever.
///
/// Refusal pages carry it inline, because the page of an unknown host or of a malformed request could not
/// fetch anything: every further request of that browser would be refused in the same way.
public struct Stylesheet: Sendable {
    /// The style sheet's text, UTF-8.
    public let bytes: [UInt8]
    /// `'sha256-…'`, the source expression for `style-src` (CSP Level 3 §2.3.1).
    public let sourceExpression: String
    /// `style.<hash>.css`, where `<hash>` is the first 8 bytes of the digest in hexadecimal.
    public let fileName: String

    /// - Parameter sha256: gives the 32 bytes of the SHA-256 digest (FIPS 180-4) of its argument; it is
    ///   called once.
    public init(sha256: ([UInt8]) -> [UInt8]) {
        bytes = Asset.style.bytes
        let digest = sha256(bytes)
        sourceExpression = Self.sourceExpression(digest: digest)
        fileName = "style.\(Self.hexadecimal(digest.prefix(8))).css"
    }

    /// The source expression of a digest (CSP Level 3 §2.3.1).
    static func sourceExpression(digest: [UInt8]) -> String { "'sha256-\(Data(digest).base64EncodedString())'" }

    static func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] })
    }
}
