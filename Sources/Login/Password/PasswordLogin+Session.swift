import Core
import Store

extension PasswordLogin {
    /// A device that signed in is known for so long.
    static let deviceLifetime = Milliseconds.hours(180 * 24)
    /// Bytes of the user agent that are kept.
    static let longestUserAgent = 400

    /// Remembers the device and begins the session, durable with its audit entry, unless the user is not active any more
    /// or what was proved is over.
    /// - Throws: `StoreConflict`, `StoreFault`.
    func start(
        _ member: ProvedMember, _ standing: MemberStanding, _ visit: LoginVisit
    ) async throws -> PasswordLoginOutcome {
        let (store, session, moment) = (standing.store, limits(member.tenant), now())
        let isRemembered = visit.isRemembered && session.offersToRemember
        let token = SessionTokens.make(for: member.tenant)
        guard let digest = SessionTokens.digest(token) else { return .unavailable }
        // 1. The device, which may be known: its token is kept as long as it is this user's.  A password that was
        //    changed since its proof has forgotten the devices, and is refused with the session.
        let deviceExpiresAt = moment.advanced(by: Self.deviceLifetime)
        let (deviceToken, isKnown, new) = try await device(
            visit, member, in: store, until: deviceExpiresAt, at: moment)
        let alert = isKnown ? nil : try await newSignIn(member, in: store, visit, at: moment)
        // 2. The session, and the older ones that give way to it.
        let userAgent = Self.cut(visit.userAgent)
        //    A provider that says when its session ends has the last word (SAML Core §2.7.2).
        let ownEnd = moment.advanced(by: session.limits(isRemembered: isRemembered).absolute)
        let expiresAt = min(ownEnd, member.sso?.endsAt ?? ownEnd)
        let (made, displaced) = try await store.sessions.create(
            user: member.user, token: digest, device: new, factors: member.factors, expiresAt: expiresAt,
            client: SessionClient.text(visit.client, userAgent),
            isRemembered: isRemembered, limit: max(0, session.perUserLimit), origin: member.sso?.origin,
            audit: LoginRecord.succeeded(member, client: visit.client, userAgent: userAgent), at: moment,
            // A stranger's says nothing of what the member reads; without an alert it would count.
            language: isKnown || alert != nil ? visit.language : "", alert: alert)
        // 3. A password that was changed while the session began proves nothing any more; nor is it enough where a second
        //    factor was set up meanwhile, nor a provider's word where its connection is out of use: whoever ended its
        //    sessions may have come before this one was there.
        guard made.epoch == member.epoch, let handle = SessionHandle(made.id.description), isStanding(member),
            try await hasPassedFactors(member, standing)
        else {
            try await store.sessions.revoke(made.id, audit: LoginRecord.overtaken(member.user), at: now())
            return .refused
        }
        return .signedIn(
            SignedIn(
                token: token, handle: handle, tenant: member.tenant, user: member.user, deviceToken: deviceToken,
                deviceExpiresAt: deviceExpiresAt, expiresAt: expiresAt, isRemembered: isRemembered,
                displaced: displaced.compactMap { SessionHandle($0.description) }))
    }

    /// Remembers the visitor's device where no session begins with it; its token.
    func remember(
        _ visit: LoginVisit, _ member: ProvedMember, in tenant: TenantStore, until end: WallTime, at moment: WallTime
    ) async throws -> String {
        let (token, _, new) = try await device(visit, member, in: tenant, until: end, at: moment)
        if let new {
            try await tenant.devices.remember(
                new.token, of: member.user, epoch: new.epoch, expiresAt: new.expiresAt, at: moment)
        }
        return token
    }

    /// The token of the visitor's device, and what is to be remembered of one that the account does not know.
    private func device(
        _ visit: LoginVisit, _ member: ProvedMember, in tenant: TenantStore, until end: WallTime, at moment: WallTime
    ) async throws -> (token: String, isKnown: Bool, new: SignInDevice?) {
        if let token = visit.deviceToken, let device = visit.device,
            try await tenant.devices.isKnown(device, to: member.user, at: moment)
        {
            return (token, true, nil)
        }
        let token = SessionTokens.makeDevice(forms: store.forms)
        let new = SessionTokens.deviceDigest(token, forms: store.forms)
            .map { SignInDevice(token: $0, epoch: member.epoch, expiresAt: end) }
        return (token, false, new)
    }

    /// What tells the member of a sign-in from a device that the account did not know; nil where no mail is configured.
    private func newSignIn(
        _ member: ProvedMember, in tenant: TenantStore, _ visit: LoginVisit, at moment: WallTime
    ) async throws -> Letter? {
        guard let mail = settings().mail, let user = try await tenant.users.find(member.user) else { return nil }
        let notice = MailNotice.newSignIn(
            at: moment, device: Self.cut(visit.userAgent), address: "\(visit.client)")
        let language = try await tenant.outbox.language(of: user.id) ?? mail.language
        return notice.letter(to: user.email, language: language, now: moment)
    }

    /// The user agent without controls, cut at a character.
    static func cut(_ userAgent: String) -> String {
        var kept = ""
        for character in userAgent
        where character.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) {
            guard kept.utf8.count + character.utf8.count <= longestUserAgent else { break }
            kept.append(character)
        }
        return kept
    }
}
