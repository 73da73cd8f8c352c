import Core
import Login

/// Where a session is handed over to, as the address on the host of the sign-in says it: judged, so that no code leaves
/// for a host that is not to have it.
struct HandoffDestination: Sendable, Hashable {
    /// One that signs in on this host; as the configuration spells it.
    let host: String
    /// Whose members may go there; nil where any tenant's may.
    let tenant: TenantID?
    /// What the destination sealed for this browser; only it can tell whether it did.
    let state: String
    /// A path on the destination.
    let returnTo: SafeRedirect?

    /// From the fields of an address.
    /// - Parameters:
    ///   - own: the host that was asked.
    ///   - hosts: say who signs in here.
    /// - Returns: nil where `to` is no host of ours, or one that signs in elsewhere.
    init?(_ fields: FormFields, on own: String, hosts: SignInHosts) {
        guard let host = fields["to"], !own.isEmpty, hosts.home(of: host) == own else { return nil }
        self.host = host
        tenant = hosts.owner(of: host) ?? fields["tenant"].flatMap(TenantID.init)
        let state = fields["state"] ?? ""
        self.state = Self.isState(state) ? state : ""
        returnTo = fields["return_to"].flatMap { SafeRedirect($0) }
    }

    /// From the way back of a login; nil where it leads no farther than this host.
    init?(_ target: SafeRedirect, on own: String, hosts: SignInHosts) {
        let parts = target.target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1)
        guard parts.count == 2, parts[0].elementsEqual(PortalAddress.handoff.utf8),
            let fields = try? FormFields(parts[1])
        else { return nil }
        self.init(fields, on: own, hosts: hosts)
    }

    /// The address on this host that hands over.
    var address: String {
        PortalAddress.handoff(to: host, state: state, returnTo: returnTo, tenant: tenant)
    }

    private static func isState(_ text: String) -> Bool {
        (1...HandoffState.longestText).contains(text.utf8.count)
            && text.utf8.allSatisfy { octet in
                switch octet {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
