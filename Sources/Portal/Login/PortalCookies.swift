import Access
import Core
import HTTPTypes

/// The gateway's own cookies in a request (RFC 6265bis §5.8.3), as far as the portal reads them.
///
/// A cookie of ours that came twice counts as none: somebody else has set one of the two, and nothing tells which.
/// The `__Host-` prefix keeps other hosts from doing so in browsers that know it (§4.1.3.2).
struct PortalCookies: Sendable {
    /// What each cookie is for (interfaces.md, Cookies).
    enum Name: String, CaseIterable, Sendable {
        /// The session's token.
        case session = "__Host-gatehouse"
        /// Names this browser to login attempts and to forms before sign-in; it proves nothing else.
        case login = "__Host-gatehouse-login"
        /// A device known to an account.
        case device = "__Host-gatehouse-device"
        /// The sign-ins that wait for an answer of an identity provider, which comes from the provider's site.
        case sso = "__Host-gatehouse-sso"
        /// A chosen language.
        case language = "__Host-gatehouse-lang"
    }

    /// At most so many bytes of a value are ours; a longer value counts as none.
    static let longestValue = 128
    /// The login cookie has at most so many; it is written with 43.
    static let longestRandom = 64
    /// The device cookie has at most so many, and is written with them: a random half, a dot and its proof.
    static let longestDevice = 87
    /// The cookie of awaited answers has at most so many: browsers keep 4,096 of a cookie with its name and attributes
    /// (RFC 6265bis §5.7).
    static let longestSSO = 3800

    private var values: [Name: String] = [:]

    /// Reads every `Cookie` field; what is not ours is passed over.
    init(_ fields: HTTPFields) {
        var seen: Set<Name> = []
        for field in fields[values: .cookie] {
            for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
                let text = String(decoding: pair, as: UTF8.self).trimming { $0 == " " || $0 == "\t" }
                let parts = text.utf8.split(
                    separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let name = Name(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
                    continue
                }
                guard seen.insert(name).inserted else {
                    values[name] = nil
                    continue
                }
                let value = String(decoding: parts[1], as: UTF8.self)
                if Self.isValue(value, of: name) { values[name] = value }
            }
        }
    }

    /// The cookie's value; nil where it did not come, came twice, or is none that we write.
    subscript(name: Name) -> String? {
        get { values[name] }
        set { values[name] = newValue.flatMap { Self.isValue($0, of: name) ? $0 : nil } }
    }

    private static func isValue(_ value: String, of name: Name) -> Bool {
        let bound =
            switch name {
            case .session: longestValue
            case .login: longestRandom
            case .device: longestDevice
            case .sso: longestSSO
            case .language: 2
            }
        return (1...bound).contains(value.utf8.count) && value.utf8.allSatisfy(isValueOctet)
    }

    /// base64url, and the dot between a token's two halves.
    private static func isValueOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}

extension PortalCookies {
    /// A `Set-Cookie` field with the attributes that all our cookies have: `Path=/`, `Secure`, `HttpOnly`,
    /// `SameSite=Lax`, no `Domain`.  The one that goes with the answer of an identity provider alone is `SameSite=None`:
    /// that answer is a POST from another site.
    ///
    /// - Parameters:
    ///   - value: base64url and dots, made by us.
    ///   - maxAge: in seconds; nil for a cookie that goes when the browser is closed.
    static func setting(_ name: Name, to value: String, maxAge: Int64? = nil) -> HTTPField {
        let age = maxAge.map { "; Max-Age=\(max(0, $0))" } ?? ""
        let site = name == .sso ? "None" : "Lax"
        return HTTPField(
            name: .setCookie, value: "\(name.rawValue)=\(value); Path=/; Secure; HttpOnly; SameSite=\(site)\(age)")
    }

    /// How many seconds lie before `end`, rounded up; 0 where it is over.
    static func seconds(until end: WallTime, from now: WallTime) -> Int64 {
        let (span, overflow) = end.milliseconds.subtractingReportingOverflow(now.milliseconds)
        return overflow ? 0 : max(0, span / 1000 + (span % 1000 > 0 ? 1 : 0))
    }

    /// Takes a cookie out of the browser.
    static func clearing(_ name: Name) -> HTTPField { setting(name, to: "", maxAge: 0) }

    /// Takes applications' own session cookies out of the browser, which the data plane has given this very scope.
    static func clearing(applications names: [String]) -> [HTTPField] {
        names.map { HTTPField(name: .setCookie, value: "\($0)=; Path=/; Max-Age=0; Secure") }
    }
}

extension PageLanguage {
    /// How long a chosen language is remembered: a year, in seconds.
    static let rememberedSeconds: Int64 = 365 * 86_400

    /// The language in which a request is answered: the chosen one of the cookie, else the one that the browser
    /// likes best.
    static func wanted(by fields: HTTPFields) -> PageLanguage {
        PortalCookies(fields)[.language].flatMap(PageLanguage.init(rawValue:))
            ?? preferred(acceptLanguage: fields[.acceptLanguage])
    }

    /// The language that the switch on a page in this one leads to.
    var other: PageLanguage {
        switch self {
        case .english: .german
        case .german: .english
        }
    }
}
