import Core
import SAML

/// The findings of one test of a connection, in the order in which a sign-in needs what is looked at.
struct ConnectionTest {
    private let settings: ConnectionSettings
    private let addresses: ConnectionAddresses?
    private let now: WallTime
    private(set) var findings: [TestFinding] = []

    init(_ settings: ConnectionSettings, _ addresses: ConnectionAddresses?, at now: WallTime) {
        self.settings = settings
        self.addresses = addresses
        self.now = now
    }

    mutating func add(_ name: String, _ outcome: TestFinding.Outcome, _ words: String) {
        findings.append(TestFinding(name, outcome, words))
    }

    /// Whether anybody can come by it.
    mutating func lookAtUse(mayUse: Bool) {
        if !settings.isEnabled {
            add("connection", .warn, "it is disabled")
        } else if !mayUse {
            add("connection", .warn, "the tenant's state, its plan or its sign_in.methods does not let it be used")
        } else {
            add("connection", .pass, "it is enabled")
        }
        if let addresses {
            add("addresses", .pass, "entity ID \(addresses.entityID), ACS \(addresses.acs)")
        } else {
            add("addresses", .fail, "the tenant has no host, and there is no portal_host")
        }
    }

    /// What the provider's metadata is good for.
    mutating func lookAt(_ provider: IdentityProvider) {
        lookAtPeriod(of: provider)
        for warning in provider.warnings { add("metadata", .warn, warning) }
        lookAtEndpoints(of: provider)
        for key in provider.signingKeys {
            look(key.fingerprint, "provider certificate", WallTime(seconds: key.notAfter))
        }
        let formats = provider.nameIDFormats
        if settings.nameIDFormat != .unspecified, !formats.isEmpty, !formats.contains(settings.nameIDFormat.rawValue) {
            add(
                "name ID", .warn,
                "the provider does not name the format \(settings.nameIDFormat.rawValue) as one of its own")
        }
    }

    /// Whether its certificates are those that are pinned.
    mutating func lookAtChange(of provider: IdentityProvider, known: [String]) {
        let found = provider.signingKeys.map(\.fingerprint)
        guard !known.isEmpty, Set(found) != Set(known) else { return }
        add(
            "certificates", .warn,
            "others than were seen before: \(found.joined(separator: ", ")) instead of \(known.joined(separator: ", "))"
        )
    }

    /// Our own.
    mutating func lookAt(_ keys: OwnKeys) {
        for key in keys.published { look(key.fingerprint, "own certificate", key.notAfter) }
        if keys.next != nil { add("own key", .warn, "a roll-over has begun: finish it when the provider knows both") }
    }

    private mutating func lookAtPeriod(of provider: IdentityProvider) {
        let name = "it describes \(provider.entityID)"
        guard let end = provider.validUntil else { return add("metadata", .pass, "\(name), without an end") }
        if now >= end {
            add("metadata", .fail, "\(name), and has ended at \(SAMLTime.write(end))")
        } else {
            add("metadata", .pass, "\(name), until \(SAMLTime.write(end))")
        }
    }

    private mutating func lookAtEndpoints(of provider: IdentityProvider) {
        let wanted = settings.requestBinding
        if let location = IdentityProvider.location(wanted, in: provider.singleSignOn) {
            add("single sign-on", .pass, "requests go to \(location)")
        } else {
            let other: SAMLBinding = wanted == .redirect ? .post : .redirect
            let hint =
                IdentityProvider.location(other, in: provider.singleSignOn) == nil
                ? "" : "; request_binding: \(other == .post ? "post" : "redirect") would work"
            add("single sign-on", .fail, "the provider has no place for request_binding \(Self.word(wanted))\(hint)")
        }
        if !settings.usesSingleLogout {
            add("single logout", .pass, "it is turned off")
        } else if provider.singleLogout.isEmpty {
            add("single logout", .warn, "the provider has none: signing out ends the session here alone")
        } else {
            add("single logout", .pass, "it goes to \(provider.singleLogout[0].location)")
        }
    }

    private static func word(_ binding: SAMLBinding) -> String { binding == .post ? "post" : "redirect" }

    private mutating func look(_ fingerprint: String, _ what: String, _ end: WallTime) {
        let date = SAMLTime.write(end)
        switch ExpiryThresholds.reached(by: now, end: end) {
        case nil: add("certificates", .pass, "\(what) \(fingerprint) ends at \(date)")
        case 0: add("certificates", .warn, "\(what) \(fingerprint) has ended at \(date)")
        default: add("certificates", .warn, "\(what) \(fingerprint) ends soon, at \(date)")
        }
    }
}
