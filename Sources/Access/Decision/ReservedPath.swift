import Core

/// The paths that are ours on every public listener and never reach an application.
enum ReservedPath {
    private static let portal = Array("/.gatehouse".utf8)
    private static let securityContact = Array("/.well-known/security.txt".utf8)
    private static let changePassword = Array("/.well-known/change-password".utf8)
    private static let relatedOrigins = Array("/.well-known/webauthn".utf8)
    private static let wellKnown = Array("/.well-known".utf8)
    private static let portalProbe = RouteProbe(stem: portal, route: 0)
    private static let wellKnownProbe = RouteProbe(stem: wellKnown, route: 0)

    /// Every one of them, as patterns have stems.
    static let stems: [(stem: [UInt8], isExact: Bool)] = [
        (portal, false), (securityContact, true), (changePassword, true), (relatedOrigins, true),
    ]

    /// Whose a path is.
    enum Owner: Hashable {
        /// No path of ours.
        case application
        case ours(PortalCall.Surface)
        /// A look-alike of the portal's prefix, in another case: it must not reach an application that
        /// ignores case, and is no page of ours.
        case lookAlike
    }

    /// What every host answers itself, also beside a `portal_host`: what browsers and applications ask their own origin.
    private static let everywhere: [(stem: [UInt8], isExact: Bool)] =
        [("", true), ("/assets", false)]
        .map { (Array("/.gatehouse\($0.0)".utf8), $0.1) }
        + ["login", "login/step-up", "logout", "session/handoff", "whoami", "jwks.json", "auth", "forward-auth"].map {
            page in
            (Array("/.gatehouse/\(page)".utf8), true)
        }

    /// True for a path of ours that no `portal_host` takes away from the other hosts.
    static func isOnEveryHost(_ path: CanonicalPath) -> Bool {
        everywhere.contains { path.lies(at: $0.stem.span, isExact: $0.isExact, isCaseSensitive: true) }
    }

    /// True for `/`.
    static func isRoot(_ path: CanonicalPath) -> Bool {
        path.needs.isEmpty && path.lies(at: [UInt8]().span, isExact: true, isCaseSensitive: true)
    }

    /// Judges the lenient reading, which every other reading's prefix lies within.
    static func owner(of path: CanonicalPath) -> Owner {
        let head = path.head(.lenient)
        if portalProbe.fits(head), path.lies(at: portal.span, isExact: false, isCaseSensitive: false) {
            return path.lies(at: portal.span, isExact: false, isCaseSensitive: true) ? .ours(.portal) : .lookAlike
        }
        if wellKnownProbe.fits(head) {
            if path.lies(at: securityContact.span, isExact: true, isCaseSensitive: true) {
                return .ours(.securityContact)
            }
            if path.lies(at: changePassword.span, isExact: true, isCaseSensitive: true) {
                return .ours(.changePassword)
            }
            if path.lies(at: relatedOrigins.span, isExact: true, isCaseSensitive: true) {
                return .ours(.relatedOrigins)
            }
        }
        return .application
    }
}
