import Access
import Core
import Login
import Store

/// Addresses of the portal's own pages, with what is kept from one step to the next.
enum PortalAddress {
    static let login = LoginRedirect.loginPath
    static let logout = "/.gatehouse/logout"
    static let whoAmI = "/.gatehouse/whoami"
    static let keySet = "/.gatehouse/jwks.json"
    static let handoff = "/.gatehouse/session/handoff"
    static let root = "/.gatehouse/"
    static let changePassword = "/.well-known/change-password"
    static let forgottenPassword = "/.gatehouse/password/forgot"
    static let passwordReset = PortalOrigin.path(of: .passwordReset)
    static let invitation = PortalOrigin.path(of: .invitation)
    static let accountPassword = "/.gatehouse/account/password"
    /// Where a member sets up a second factor at sign-in.
    static let enrolment = "/.gatehouse/login/enrol"
    /// Where a member says that a passkey is not for now.
    static let passkeyOffer = "/.gatehouse/login/passkey-offer"
    static let recoveryCodeFile = "/.gatehouse/account/factors/recovery-codes.txt"
    static let webAuthn = "/.well-known/webauthn"
    /// Where a visitor goes who came from nowhere.
    static let home = "/"

    /// Says which way of sign-in the login page begins with.
    static let methodField = "method"
    /// Its one value.
    static let byPassword = "password"

    /// The login page.
    /// - Parameters:
    ///   - returnTo: the way back; nil for none.
    ///   - tenant: named in the address that the visitor came by; nil for none.
    ///   - language: chosen by this address; nil where it chooses none.
    ///   - notice: what the page should say.
    ///   - isByPassword: the page begins with the address, where a provider would be asked at once.
    static func login(
        returnTo: SafeRedirect?, tenant: TenantID? = nil, language: PageLanguage? = nil, notice: LoginNotice? = nil,
        isByPassword: Bool = false
    ) -> String {
        var query: [String] = []
        if let returnTo { query.append("return_to=\(encoded(returnTo.target))") }
        if let tenant { query.append("tenant=\(tenant.text)") }
        if isByPassword { query.append("\(methodField)=\(byPassword)") }
        if let language { query.append("lang=\(language.rawValue)") }
        if let notice { query.append(notice.rawValue) }
        return query.isEmpty ? login : "\(login)?\(query.joined(separator: "&"))"
    }

    /// Where a factor's form at sign-in goes.
    static func login(by factor: Factor) -> String { "\(login)/\(factor.rawValue)" }

    /// The page that asks a member for a second factor within a session.
    /// - Parameters:
    ///   - isRepeated: what was sent was not done.
    ///   - language: as in `login`.
    static func stepUp(
        returningTo target: SafeRedirect?, isRepeated: Bool = false, language: PageLanguage? = nil
    ) -> String {
        var query: [String] = []
        if let target { query.append("return_to=\(encoded(target.target))") }
        if isRepeated { query.append("\(LoginRedirect.repeatField)=1") }
        if let language { query.append("lang=\(language.rawValue)") }
        return query.isEmpty ? LoginRedirect.stepUpPath : "\(LoginRedirect.stepUpPath)?\(query.joined(separator: "&"))"
    }

    /// The page that hands a session over, on the host of the sign-in.  It is itself the way back of a login, so it is
    /// never longer than one may be: of a way back that is too long only `/` is left.
    /// - Parameters:
    ///   - host: the one that receives.
    ///   - state: base64url.
    ///   - returnTo: on that host.
    ///   - isByPassword: as in `login`, for who signs in first.
    static func handoff(
        to host: String, state: String, returnTo: SafeRedirect?, tenant: TenantID?, language: PageLanguage? = nil,
        isByPassword: Bool = false
    ) -> String {
        var address = "\(handoff)?to=\(encoded(host))"
        if !state.isEmpty { address += "&state=\(state)" }
        if let tenant { address += "&tenant=\(tenant.text)" }
        if isByPassword { address += "&\(methodField)=\(byPassword)" }
        let way = returnTo.map { "&return_to=\(encoded($0.target))" } ?? ""
        if address.utf8.count + way.utf8.count <= SafeRedirect.longestTarget { address += way }
        if let language { address += "&lang=\(language.rawValue)" }
        return address
    }

    /// The page that receives a session, on the other host.
    static func handoff(code: String, state: String, returnTo: SafeRedirect?) -> String {
        let way = returnTo.map { "&return_to=\(encoded($0.target))" } ?? ""
        return "\(handoff)?code=\(code)&state=\(state)\(way)"
    }

    /// The page for those who forgot their password.
    static func forgottenPassword(tenant: TenantID?, language: PageLanguage? = nil) -> String {
        var query: [String] = []
        if let tenant { query.append("tenant=\(tenant.text)") }
        if let language { query.append("lang=\(language.rawValue)") }
        return query.isEmpty ? forgottenPassword : "\(forgottenPassword)?\(query.joined(separator: "&"))"
    }

    /// The page of a link.
    static func link(_ path: String, token: String, language: PageLanguage? = nil) -> String {
        "\(path)?token=\(encoded(token))" + (language.map { "&lang=\($0.rawValue)" } ?? "")
    }

    /// Makes the logout page say so, with the value 1.
    static let unconfirmedField = "unconfirmed"

    /// The logout page.
    /// - Parameters:
    ///   - isDone: true where it comes after the logout.
    ///   - isUnconfirmed: the identity provider did not say that everything has ended there.
    ///   - next: one of `login.after_logout`; nil for none.
    static func logout(
        isDone: Bool = false, isUnconfirmed: Bool = false, next: String? = nil, language: PageLanguage? = nil
    ) -> String {
        var query: [String] = []
        if isDone { query.append("done") }
        if isUnconfirmed { query.append("\(unconfirmedField)=1") }
        if let next { query.append("after_logout=\(encoded(next))") }
        if let language { query.append("lang=\(language.rawValue)") }
        return query.isEmpty ? logout : "\(logout)?\(query.joined(separator: "&"))"
    }

    /// Everything but unreserved characters and `/`, percent-encoded.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: bytes.append(octet)
            default: ASCII.appendPercentEncoded(octet, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What the login's first page says to whoever was led there by a form.
enum LoginNotice: String, CaseIterable, Sendable {
    /// The form was too old, or had been used.
    case stale = "stale=1"
    /// The new password is set.
    case passwordSet = "password-set=1"
}
