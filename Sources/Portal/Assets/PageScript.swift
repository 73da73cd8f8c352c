/// A script of the portal's pages, with the name that its SHA-256 gives it.
///
/// It stands inline in the pages that use it, and no other page lets a script run.  There are two: one asks browsers for
/// passkeys, which nothing but a script can; one sends a form on to an identity provider, which a button can as well.
struct PageScript: Sendable {
    /// `'sha256-…'`, the source expression for `script-src` (CSP Level 3 §2.3.1).
    let sourceExpression: String

    /// - Parameters:
    ///   - asset: the script.
    ///   - sha256: gives the 32 bytes of the SHA-256 digest (FIPS 180-4) of its argument; it is called once.
    init(_ asset: Asset, sha256: ([UInt8]) -> [UInt8]) {
        sourceExpression = Stylesheet.sourceExpression(digest: sha256(asset.bytes))
    }
}
