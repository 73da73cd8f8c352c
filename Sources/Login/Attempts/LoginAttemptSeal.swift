public import Core
public import Store

/// Seals login attempts for the browser and the host that they were handed to, and opens what comes back.
public struct LoginAttemptSeal: Sendable {
    /// An attempt that is older begins anew.
    public static let lifetime = Milliseconds.minutes(30)
    /// The longest text that is opened, in bytes.
    public static let longestText = 12_288
    /// How far ahead of the clock an attempt may have begun: the clock went back a little.
    static let skew = Milliseconds.minutes(1)
    private static let purpose = "login-attempt 3"

    private let forms: FormSeal

    public init(forms: FormSeal) { self.forms = forms }

    /// The attempt as a form's field: base64url, at most `longestText` bytes.
    /// - Parameter browser: the value of the login cookie.
    public func seal(_ attempt: LoginAttempt, browser: String, host: String) -> String {
        var writer = AttemptWriter()
        writer.append(attempt.id)
        writer.append(attempt.beganAt.milliseconds)
        writer.append(attempt.email.flatMap { $0.utf8.count <= LoginAttempt.longestEmail ? $0 : nil })
        writer.append(attempt.returnTo?.target)
        writer.append(attempt.tenant?.text)
        writer.append(attempt.enrolment?.prefix(LoginAttempt.longestEnrolment) ?? [])
        writer.append(attempt.link?.sealedPart ?? [])
        for member in attempt.proved.prefix(LoginAttempt.longestProved) {
            writer.append(member.tenant.text)
            writer.append(member.user.high)
            writer.append(member.user.low)
            writer.append(member.epoch)
            writer.append(member.at.milliseconds)
            writer.append(member.first.rawValue)
            writer.append(member.second?.factor.rawValue)
            writer.append(member.second?.at.milliseconds ?? 0)
            writer.append([member.isSure ? 1 : 0])
            writer.append(member.sso?.sealedPart ?? [])
        }
        let sealed = forms.seal(writer.bytes, purpose: Self.purpose, context: Self.context(browser, host))
        return Base64.encode(sealed, alphabet: .url)
    }

    /// The attempt; nil where it was handed to another browser or host, is forged, too old or too long.
    public func open(_ text: String, browser: String, host: String, now: WallTime) -> LoginAttempt? {
        guard !browser.isEmpty, text.utf8.count <= Self.longestText,
            let sealed = Base64.decode(text.utf8, alphabet: .url),
            let plain = forms.open(sealed, purpose: Self.purpose, context: Self.context(browser, host)),
            let attempt = Self.attempt(plain), now.isWithin(Self.lifetime, after: attempt.beganAt, skew: Self.skew)
        else { return nil }
        return attempt
    }

    private static func attempt(_ plain: [UInt8]) -> LoginAttempt? {
        var reader = AttemptReader(plain)
        guard let id = reader.octets(), id.count == LoginAttempt.idByteCount, let beganAt = reader.number(),
            let email = reader.text(), let returnTo = reader.text(), let tenant = reader.text(),
            let enrolment = reader.octets(), enrolment.count <= LoginAttempt.longestEnrolment,
            let link = reader.octets()
        else { return nil }
        let pending = PendingLink(sealedPart: link)
        guard pending != nil || link.isEmpty else { return nil }
        var proved: [ProvedMember] = []
        while !reader.isAtEnd {
            guard proved.count < LoginAttempt.longestProved, let member = member(&reader) else { return nil }
            proved.append(member)
        }
        return LoginAttempt(
            id: id, beganAt: WallTime(milliseconds: beganAt), email: email.isEmpty ? nil : email,
            returnTo: SafeRedirect(returnTo), tenant: TenantID(tenant), proved: proved,
            enrolment: enrolment.isEmpty ? nil : enrolment, link: pending)
    }

    private static func member(_ reader: inout AttemptReader) -> ProvedMember? {
        guard let tenant = reader.text().flatMap({ TenantID($0) }), let high = reader.unsigned(),
            let low = reader.unsigned(), let epoch = reader.number(), let at = reader.number(),
            let first = reader.text().flatMap({ Factor(rawValue: $0) }), let secondWord = reader.text(),
            let secondAt = reader.number(), let mark = reader.octets(), let said = reader.octets()
        else { return nil }
        let second = Factor(rawValue: secondWord)
        // A word that is no factor is not one that was left out.
        guard second != nil || secondWord.isEmpty else { return nil }
        let proof = SSOProof(sealedPart: said)
        guard proof != nil || said.isEmpty else { return nil }
        return ProvedMember(
            tenant: tenant, user: UserID(high: high, low: low), epoch: epoch, at: WallTime(milliseconds: at),
            first: first, second: second.map { ProvedFactor($0, at: WallTime(milliseconds: secondAt)) },
            isSure: mark == [1], sso: proof)
    }

    private static func context(_ browser: String, _ host: String) -> [UInt8] {
        var writer = AttemptWriter()
        writer.append(browser.utf8.prefix(256))
        writer.append(host.utf8.prefix(256))
        return writer.bytes
    }
}

extension WallTime {
    /// Whether this moment lies at most `lifetime` behind `start`, and at most `skew` before it.
    func isWithin(_ lifetime: Milliseconds, after start: WallTime, skew: Milliseconds) -> Bool {
        let (age, overflow) = milliseconds.subtractingReportingOverflow(start.milliseconds)
        return !overflow && age >= -Int64(clamping: skew.count) && age <= Int64(clamping: lifetime.count)
    }

    /// So much later; saturates instead of wrapping.
    func advanced(by duration: Milliseconds) -> WallTime {
        let (sum, overflow) = milliseconds.addingReportingOverflow(Int64(clamping: duration.count))
        return WallTime(milliseconds: overflow ? .max : sum)
    }
}
