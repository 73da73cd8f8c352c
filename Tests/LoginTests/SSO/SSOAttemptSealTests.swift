import Core
import HostCrypto
import Store
import Testing

@testable import Login

@Suite("The cookie of sign-ins at providers")
struct SSOAttemptSealTests {
    private let host = SSOWorld.host

    private func attempt(_ now: WallTime, _ number: UInt8, returnTo: String? = nil) throws -> SSOAttempt {
        let connection = try #require(ConnectionName("okta"))
        return SSOAttempt(
            id: [UInt8](repeating: number, count: SSOAttempt.idByteCount), requestID: "_r\(number)",
            tenant: try tenantID("acme"), connection: connection, beganAt: now,
            returnTo: returnTo.flatMap { SafeRedirect($0) }, isRemembered: true, forcedSince: now, language: "de",
            browser: "b1", deviceToken: "d1")
    }

    @Test("what was begun comes back whole, the newest first, three at most")
    func whole() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (SSOAttemptSeal(forms: world.store.forms), world.clock.wall())
        var cookie: String?
        for number in 1...4 {
            cookie = seal.cookie(
                adding: try attempt(now, UInt8(number), returnTo: "/\(number)"), to: cookie, host: host, now: now)
        }
        let value = try #require(cookie)
        let found = seal.attempts(value, host: host, now: now)
        #expect(try found == [4, 3, 2].map { try attempt(now, $0, returnTo: "/\($0)") })
        #expect(value.utf8.allSatisfy { $0 != 0x3B && $0 != 0x2C && $0 > 0x20 && $0 < 0x7F })
        let fewer = seal.cookie(without: found[1].id, of: value, host: host, now: now)
        #expect(seal.attempts(try #require(fewer), host: host, now: now).map(\.id) == [found[0].id, found[2].id])
    }

    @Test("a confirmation carries whose session it is for")
    func confirmation() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (SSOAttemptSeal(forms: world.store.forms), world.clock.wall())
        let (handle, connection) = (try #require(SessionHandle("s-1")), try #require(ConnectionName("okta")))
        for (host, token) in [(nil, nil), ("app.example.org", TokenDigest([UInt8](repeating: 7, count: 32)))] {
            let holder = AccountHolder(
                tenant: try tenantID("acme"), user: UserID(high: 1, low: 2), session: handle, host: host, token: token)
            let began = SSOAttempt(
                id: [UInt8](repeating: 1, count: 16), requestID: "_r", tenant: holder.tenant, connection: connection,
                beganAt: now, purpose: .confirm(holder))
            let cookie = seal.cookie(adding: began, to: nil, host: self.host, now: now)
            #expect(seal.attempts(cookie, host: self.host, now: now) == [began])
        }
    }

    @Test("it opens for ten minutes, on its host, unchanged")
    func bounds() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (SSOAttemptSeal(forms: world.store.forms), world.clock.wall())
        let cookie = seal.cookie(adding: try attempt(now, 1), to: nil, host: host, now: now)
        let last = now.advanced(by: SSOAttemptSeal.lifetime)
        #expect(seal.attempts(cookie, host: host, now: last).count == 1)
        #expect(seal.attempts(cookie, host: host, now: last.advanced(by: Milliseconds(1))).isEmpty)
        #expect(seal.attempts(cookie, host: "other.example.org", now: now).isEmpty)
        var bytes = Array(cookie.utf8)
        bytes[bytes.count / 2] = bytes[bytes.count / 2] == 0x41 ? 0x42 : 0x41
        #expect(seal.attempts(String(decoding: bytes, as: UTF8.self), host: host, now: now).isEmpty)
        #expect(seal.attempts("", host: host, now: now).isEmpty && seal.attempts("..", host: host, now: now).isEmpty)
        #expect(seal.cookie(without: try attempt(now, 1).id, of: cookie, host: host, now: now) == nil)
    }

    @Test("the longest cookie holds what it can: older attempts go first, a way back that never fits goes too")
    func size() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (SSOAttemptSeal(forms: world.store.forms), world.clock.wall())
        let long = "/" + String(repeating: "a", count: SafeRedirect.longestTarget - 1)
        var cookie = seal.cookie(adding: try attempt(now, 1, returnTo: long), to: nil, host: host, now: now)
        #expect(cookie.utf8.count <= SSOAttemptSeal.longestCookie)
        #expect(seal.attempts(cookie, host: host, now: now).first?.returnTo?.target == long)
        cookie = seal.cookie(adding: try attempt(now, 2, returnTo: long), to: cookie, host: host, now: now)
        #expect(cookie.utf8.count <= SSOAttemptSeal.longestCookie)
        #expect(seal.attempts(cookie, host: host, now: now).map(\.requestID) == ["_r2"])
        // Everything at its longest.
        let (tenant, connection) = (
            try tenantID(String(repeating: "t", count: 63)),
            try #require(ConnectionName(String(repeating: "c", count: 63)))
        )
        let holder = AccountHolder(
            tenant: tenant, user: UserID(high: .max, low: .max),
            session: try #require(SessionHandle(String(repeating: "s", count: 40))),
            host: String(repeating: "h", count: 253), token: TokenDigest([UInt8](repeating: 7, count: 32)))
        let largest = SSOAttempt(
            id: [UInt8](repeating: 9, count: 16), requestID: SingleSignOn.makeMessageID(), tenant: tenant,
            connection: connection, beganAt: now, returnTo: SafeRedirect(long), isRemembered: true,
            purpose: .confirm(holder), forcedSince: now, language: String(repeating: "l", count: 8),
            browser: String(repeating: "b", count: SSOAttempt.longestBrowser),
            deviceToken: String(repeating: "d", count: SSOAttempt.longestDeviceToken))
        let value = seal.cookie(adding: largest, to: cookie, host: host, now: now)
        #expect(value.utf8.count <= SSOAttemptSeal.longestCookie)
        var expected = largest
        expected.returnTo = seal.attempts(value, host: host, now: now).first?.returnTo
        #expect(seal.attempts(value, host: host, now: now).first == expected)
        #expect(seal.attempts(value + String(repeating: "x", count: 4000), host: host, now: now).isEmpty)
    }

    @Test("what is longer than it may be is not carried")
    func cut() async throws {
        let world = try await LoginWorld()
        let (seal, now) = (SSOAttemptSeal(forms: world.store.forms), world.clock.wall())
        var began = try attempt(now, 1)
        began.browser = String(repeating: "b", count: SSOAttempt.longestBrowser + 1)
        began.deviceToken = String(repeating: "d", count: SSOAttempt.longestDeviceToken + 1)
        began.language = "a language"
        let found = seal.attempts(
            seal.cookie(adding: began, to: nil, host: host, now: now), host: host, now: now
        ).first
        #expect(found?.browser == nil && found?.deviceToken == nil && found?.language == "")
        #expect(found?.requestID == "_r1")
    }
}
