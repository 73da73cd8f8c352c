import Core
import Testing

@Suite("Reason codes")
struct ReasonCodeTests {
    @Test("each has a kebab-case code of its own that leads back to it")
    func codes() {
        let codes = ReasonCode.allCases.map(\.code)
        #expect(Set(codes).count == codes.count)
        for reason in ReasonCode.allCases {
            #expect(ReasonCode(code: reason.code) == reason)
            #expect(reason.code.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }, "\(reason)")
            #expect(!reason.code.hasPrefix("-") && !reason.code.hasSuffix("-") && !reason.code.contains("--"))
            #expect(!reason.summary.isEmpty && !reason.summary.hasSuffix("."))
        }
        #expect(ReasonCode(code: "no-such-code") == nil)
    }

    @Test(
        "codes that the contract names keep their spelling and status",
        arguments: [
            ("role-missing", 403), ("mfa-required", 401), ("login-required", 401), ("session-expired", 401),
            ("session-wrong-tenant", 401), ("cross-origin", 403), ("tenant-suspended", 403), ("host-unknown", 421),
            ("route-missing", 404), ("method-not-allowed", 405), ("path-dot-segment", 400), ("path-invalid-utf8", 400),
            ("path-encoded-slash", 400), ("host-malformed", 400), ("header-too-large", 431), ("body-too-large", 413),
            ("upstream-unreachable", 502), ("upstream-timeout", 504), ("overloaded", 503), ("page-missing", 404),
        ])
    func contract(code: String, status: UInt16) { #expect(ReasonCode(code: code)?.status == status) }

    @Test("each status is none or an error, and malformed input closes the connection")
    func statuses() {
        for reason in ReasonCode.allCases {
            #expect(reason.status == 0 || (400...599).contains(reason.status), "\(reason)")
            if reason.status == 400 { #expect(reason.closesConnection && reason.fault == .peer, "\(reason)") }
            if reason.status >= 502, reason.status != 505 { #expect(reason.fault == .operator, "\(reason)") }
        }
        #expect(!ReasonCode.loginRequired.closesConnection)
        #expect(ReasonCode.internalFault.fault == .ours)
    }
}

@Suite("Methods")
struct MethodTests {
    @Test("each token leads back to its method, in its own case alone")
    func tokens() {
        #expect(Set(Method.allCases.map(\.token)).count == Method.allCases.count)
        for method in Method.allCases {
            #expect(Method(token: method.token) == method)
            #expect(Method(token: method.token.lowercased()) == nil)
        }
        #expect(Method(token: "VERSION-CONTROL") == .versionControl)
        #expect(Method(token: "FOO") == nil)
        #expect(Method(token: "") == nil)
    }

    @Test("methods that change something are not safe")
    func safety() {
        for method in [Method.get, .head, .options, .trace, .propfind, .query] { #expect(method.isSafe) }
        for method in [Method.post, .put, .delete, .patch, .connect, .lock, .mkcol] { #expect(!method.isSafe) }
        #expect(Method.put.isIdempotent && Method.delete.isIdempotent && !Method.post.isIdempotent)
    }

    @Test("a set holds what it was given, in registry order")
    func sets() {
        let set = MethodSet([.post, .get, .post])
        #expect(set.methods == [.get, .post])
        #expect(set.contains(.get) && !set.contains(.put))
        #expect(!MethodSet.forwardable.contains(.trace) && !MethodSet.forwardable.contains(.connect))
        #expect(MethodSet.forwardable.methods.count == Method.allCases.count - 2)
    }
}

@Suite("Names and ids")
struct NameTests {
    @Test("a user id is a UUID in either case, written in lower case")
    func userIDs() {
        let text = "0190b5f2-0000-7abc-8def-00123456789a"
        #expect(UserID(text)?.description == text)
        #expect(UserID(text.uppercased()) == UserID(text))
        for bad in ["", "0190b5f200007abc8def00123456789a", text + "0", "g" + text.dropFirst(), "{\(text)}"] {
            #expect(UserID(bad) == nil, "\(bad)")
        }
    }

    @Test("a session handle is 1 to 40 letters, digits, hyphens and underscores")
    func handles() {
        let longest = String(repeating: "aZ9-_", count: 8)
        for good in ["a", "h-1", longest] {
            #expect(SessionHandle(good)?.description == good)
            #expect(SessionHandle(good) == SessionHandle(good))
        }
        for bad in ["", longest + "a", "a b", "a\r\n", "ä", "a,b", "a\u{0}"] { #expect(SessionHandle(bad) == nil) }
        #expect(SessionHandle("a") != SessionHandle("b"))
        var bytes: [UInt8] = []
        SessionHandle("abcdefghi")?.append(to: &bytes)
        #expect(bytes == Array("abcdefghi".utf8))
    }

    @Test("assurance knows which factors were proved, and the last second one")
    func assurance() {
        let (early, late) = (MonotonicInstant(milliseconds: 1), MonotonicInstant(milliseconds: 2))
        var assurance = Assurance([.password, .sso], at: late)
        #expect(assurance.secondFactorProvedAt == nil)
        #expect(assurance.factors == [.password, .sso])
        assurance[.totp] = early
        #expect(assurance.secondFactorProvedAt == early)
        assurance[.passkey] = late
        #expect(assurance.secondFactorProvedAt == late)
        assurance[.passkey] = nil
        assurance[.recoveryCode] = early
        #expect(assurance.factors == [.password, .totp, .recoveryCode, .sso])
        assurance[.mfa] = late
        #expect(assurance.secondFactorProvedAt == late)
        assurance[.mfa] = nil
        #expect(assurance.secondFactorProvedAt == early)
        #expect(Assurance([.mfa, .sso], at: early).factors == [.sso, .mfa])
    }
}
