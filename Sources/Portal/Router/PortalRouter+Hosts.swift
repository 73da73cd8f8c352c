import Access
import Core
import HTTPTypes

extension PortalRouter {
    /// What belongs to `portal_host` is there: pages are led to it, with the tenant whose host was asked.  A program that
    /// does not load pages meets nothing here.
    static func elsewhere(_ request: PortalRequest, _ hosts: SignInHosts) -> PortalResponse? {
        guard let portal = hosts.portal else { return nil }
        let isRead = request.head.method == .get || request.head.method == .head
        guard isRead || AcceptedMedia(request.head.headerFields) == .page else { return nil }
        var target = request.head.path ?? PortalAddress.root
        if let tenant = request.hostTenant, !namesTenant(target) {
            target += "\(target.contains("?") ? "&" : "?")tenant=\(tenant.text)"
        }
        return PortalResponse(
            head: HTTPResponse(
                status: isRead ? .found : .seeOther,
                headerFields: [.location: hosts.origin(of: portal) + target, .cacheControl: "no-store"]))
    }

    private static func namesTenant(_ target: String) -> Bool {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return false }
        let query = try? FormFields(target.utf8[target.utf8.index(after: mark)...])
        return query?["tenant"] != nil
    }
}
