import Access
import Core
import Store

/// Whether browsers can use a tenant's passkeys on the hosts where its members are (WebAuthn Level 3 §5.1.3, §13.4.9).
struct PasskeyChecks {
    let reader: ConfigurationReader
    /// `public_url`'s host; nil where it was refused itself.
    let publicHost: String?
    let portalHost: Located<String>

    func judge(_ tenants: [TenantFile]) {
        for tenant in tenants {
            guard let entry = tenant.webauthn else { continue }
            if !entry.rpID.value.isEmpty { judgeDomain(entry.rpID, of: tenant) }
            judgeModels(entry)
        }
        judgePortal(tenants)
    }

    /// Whether a browser lets a page of the host use passkeys of this relying party id.
    private static func covers(_ rpID: String, _ host: String) -> Bool { host == rpID || host.hasSuffix("." + rpID) }

    private func judgeDomain(_ rpID: Located<String>, of tenant: TenantFile) {
        let shown = ShownText.quoted(rpID.value)
        guard rpID.value.contains(".") || rpID.value == "localhost" else {
            return reader.report(
                rpID, "\(shown) is a top-level domain, which no browser accepts",
                allowed: "allowed: a host of the tenant, or a domain that it lies in",
                remedy: "write more of its labels")
        }
        // What was refused itself may be one of them.
        guard !reader.faults.contains(where: { $0.position.file == rpID.position.file && $0.path.hasPrefix("hosts") })
        else { return }
        guard let first = tenant.hosts.first else { return judgeSharedHost(rpID) }
        guard Self.covers(rpID.value, first.value) else {
            return reader.report(
                rpID,
                "\(ShownText.quoted(first.value)), the first of its hosts (\(first.position)), does not lie in \(shown)",
                allowed: "allowed: \(first.value), or a domain that it lies in")
        }
        for host in tenant.hosts.dropFirst() where !Self.covers(rpID.value, host.value) {
            warnOfOrigin(host.value, of: rpID)
        }
        if !portalHost.value.isEmpty, !Self.covers(rpID.value, portalHost.value) {
            warnOfOrigin(portalHost.value, of: rpID)
        }
    }

    /// A tenant whose file names no host: it may have some all the same, given by command.
    private func judgeSharedHost(_ rpID: Located<String>) {
        guard let publicHost, !Self.covers(rpID.value, publicHost) else { return }
        reader.warn(
            rpID,
            "public_url's host \(publicHost) does not lie in \(ShownText.quoted(rpID.value)): while the tenant has no host "
                + "that does, no passkey works")
    }

    private func warnOfOrigin(_ host: String, of rpID: Located<String>) {
        reader.warn(
            rpID,
            "\(host) does not lie in \(ShownText.quoted(rpID.value)): passkeys work there only in browsers that know "
                + "related origins (/.well-known/webauthn)")
    }

    /// Without `rp_id` passkeys are the first host's, and members sign in elsewhere.
    private func judgePortal(_ tenants: [TenantFile]) {
        guard !portalHost.value.isEmpty else { return }
        let apart = tenants.filter { tenant in
            guard tenant.webauthn?.rpID.value.isEmpty ?? true, let first = tenant.hosts.first else { return false }
            return !Self.covers(first.value, portalHost.value)
        }
        guard let first = apart.first else { return }
        let others = apart.count > 1 ? " and of \(ShownText.count(apart.count - 1, "other tenant"))" : ""
        reader.warn(
            portalHost,
            "passkeys of tenant \(first.id.value)\(others) are the first host's, where portal_host does not lie: they work "
                + "only in browsers that know related origins (/.well-known/webauthn); write webauthn.rp_id, a domain that "
                + "both lie in")
    }

    private func judgeModels(_ entry: WebAuthnEntry) {
        for model in entry.aaguids.deny {
            guard let other = entry.aaguids.allow.first(where: { $0.value == model.value }) else { continue }
            reader.report(
                model, "\(model.value) stands in allow, too (\(other.position))", allowed: "each model in one list",
                remedy: "delete one")
        }
        guard entry.attestation == .any, let first = (entry.aaguids.allow + entry.aaguids.deny).first else { return }
        reader.warn(
            first,
            "an authenticator that signs nothing may name any model, or none; attestation: attested asks for a signature"
        )
    }
}
