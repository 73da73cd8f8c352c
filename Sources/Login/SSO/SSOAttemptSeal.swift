public import Core
public import Store

/// The cookie that binds answers of providers to the browser that began: sealed attempts, joined by full stops, the
/// newest first.
///
/// It is `SameSite=None`, for answers are posted from the provider's site, and proves nothing but where a sign-in began.
public struct SSOAttemptSeal: Sendable {
    /// An attempt that is older begins anew.
    public static let lifetime = Milliseconds.minutes(10)
    /// Attempts of one cookie: tabs that sign in beside each other.
    public static let most = 3
    /// Bytes of a cookie's value, written and read.
    public static let longestCookie = 3800
    private static let purpose = "sso-attempt 1"
    private static let separator: Character = "."

    private let forms: FormSeal

    public init(forms: FormSeal) { self.forms = forms }

    /// The cookie's value with one more attempt.  Older ones go where there are too many, and the way back of this one
    /// where it is too long.
    /// - Parameters:
    ///   - cookie: what the browser brought; nil for none.
    ///   - host: that the cookie is for.
    public func cookie(adding attempt: SSOAttempt, to cookie: String?, host: String, now: WallTime) -> String {
        var newest = seal(attempt, host: host)
        if newest.utf8.count > Self.longestCookie {
            var shorter = attempt
            shorter.returnTo = nil
            newest = seal(shorter, host: host)
        }
        let older = opened(cookie ?? "", host: host, now: now).filter { $0.attempt.id != attempt.id }
        return joined([newest] + older.prefix(Self.most - 1).map(\.text))
    }

    /// The cookie's value without an attempt that was answered; nil where none is left.
    public func cookie(without id: [UInt8], of cookie: String, host: String, now: WallTime) -> String? {
        let rest = opened(cookie, host: host, now: now).filter { $0.attempt.id != id }.map(\.text)
        return rest.isEmpty ? nil : joined(rest)
    }

    /// The attempts of a cookie, the newest first; what is forged, too old or of another host is not among them.
    public func attempts(_ cookie: String, host: String, now: WallTime) -> [SSOAttempt] {
        opened(cookie, host: host, now: now).map(\.attempt)
    }

    private func opened(_ cookie: String, host: String, now: WallTime) -> [(text: String, attempt: SSOAttempt)] {
        guard cookie.utf8.count <= Self.longestCookie else { return [] }
        return cookie.split(separator: Self.separator).prefix(Self.most).compactMap { part in
            guard let sealed = Base64.decode(part.utf8, alphabet: .url),
                let plain = forms.open(sealed, purpose: Self.purpose, context: Self.context(host)),
                let attempt = SSOAttempt(plain: plain),
                now.isWithin(Self.lifetime, after: attempt.beganAt, skew: LoginAttemptSeal.skew)
            else { return nil }
            return (String(part), attempt)
        }
    }

    private func seal(_ attempt: SSOAttempt, host: String) -> String {
        let sealed = forms.seal(attempt.plain, purpose: Self.purpose, context: Self.context(host))
        return Base64.encode(sealed, alphabet: .url)
    }

    /// As many as fit, the newest first.
    private func joined(_ parts: [String]) -> String {
        var value = ""
        for part in parts {
            guard value.utf8.count + part.utf8.count + 1 <= Self.longestCookie else { break }
            if !value.isEmpty { value.append(Self.separator) }
            value += part
        }
        return value
    }

    private static func context(_ host: String) -> [UInt8] { Array(host.utf8.prefix(256)) }
}

extension SSOAttempt {
    /// What is sealed.
    fileprivate var plain: [UInt8] {
        var writer = AttemptWriter()
        writer.append(id)
        writer.append(requestID)
        writer.append(tenant.text)
        writer.append(connection.text)
        writer.append(beganAt.milliseconds)
        writer.append(returnTo?.target)
        writer.append([isRemembered ? 1 : 0])
        writer.append(forcedSince?.milliseconds ?? 0)
        writer.append(language.utf8.count <= Self.longestLanguage ? language : nil)
        writer.append(browser.flatMap { $0.utf8.count <= Self.longestBrowser ? $0 : nil })
        writer.append(deviceToken.flatMap { $0.utf8.count <= Self.longestDeviceToken ? $0 : nil })
        guard case .confirm(let holder) = purpose else { return writer.bytes }
        writer.append(holder.user.high)
        writer.append(holder.user.low)
        writer.append(holder.session.description)
        writer.append(holder.host)
        writer.append(holder.token?.octets ?? [])
        return writer.bytes
    }

    /// Reads what was sealed.
    fileprivate init?(plain: [UInt8]) {
        var reader = AttemptReader(plain)
        guard let id = reader.octets(), id.count == Self.idByteCount, let requestID = reader.text(),
            let tenant = reader.text().flatMap({ TenantID($0) }),
            let connection = reader.text().flatMap({ ConnectionName($0) }), let beganAt = reader.number(),
            let returnTo = reader.text(), let mark = reader.octets(), let forced = reader.number(),
            let language = reader.text(), let browser = reader.text(), let device = reader.text()
        else { return nil }
        var purpose = SSOPurpose.signIn
        if !reader.isAtEnd {
            guard let holder = Self.holder(&reader, of: tenant) else { return nil }
            purpose = .confirm(holder)
        }
        self.init(
            id: id, requestID: requestID, tenant: tenant, connection: connection,
            beganAt: WallTime(milliseconds: beganAt), returnTo: SafeRedirect(returnTo), isRemembered: mark == [1],
            purpose: purpose, forcedSince: forced == 0 ? nil : WallTime(milliseconds: forced), language: language,
            browser: browser.isEmpty ? nil : browser, deviceToken: device.isEmpty ? nil : device)
    }

    private static func holder(_ reader: inout AttemptReader, of tenant: TenantID) -> AccountHolder? {
        guard let high = reader.unsigned(), let low = reader.unsigned(),
            let session = reader.text().flatMap({ SessionHandle($0) }), let host = reader.text(),
            let token = reader.octets(), reader.isAtEnd
        else { return nil }
        return AccountHolder(
            tenant: tenant, user: UserID(high: high, low: low), session: session, host: host.isEmpty ? nil : host,
            token: TokenDigest(token))
    }
}
