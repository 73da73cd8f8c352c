import HTTPTypes

/// Names of fields that the registry of `HTTPTypes` does not carry.
extension HTTPField.Name {
    /// Referrer Policy §4.1.
    static let referrerPolicy = known("Referrer-Policy")
    /// HTML §7.1.3.
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
    /// Fetch Metadata §2.1.
    static let secFetchDest = known("Sec-Fetch-Dest")
    /// Fetch Metadata §2.4.
    static let secFetchSite = known("Sec-Fetch-Site")
    /// Ends the visitor's session when an application's answer carries it with the value `end`.
    static let gatehouseSession = known("Gatehouse-Session")

    /// A name that is known to be a token; the fallback is never reached.
    static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }
}
