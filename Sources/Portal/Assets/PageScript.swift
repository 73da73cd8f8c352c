/// The one script of the portal's pages, with the name that its SHA-256 gives it: it asks browsers for passkeys, which
/// nothing but a script can.
///
/// It stands inline in the pages that use it, and no other page lets a script run.
struct PageScript: Sendable {
    /// `'sha256-…'`, the source expression for `script-src` (CSP Level 3 §2.3.1).
    let sourceExpression: String

    /// - Parameter sha256: gives the 32 bytes of the SHA-256 digest (FIPS 180-4) of its argument; it is called once.
    init(sha256: ([UInt8]) -> [UInt8]) {
        sourceExpression = Stylesheet.sourceExpression(digest: sha256(Asset.passkeys.bytes))
    }
}
