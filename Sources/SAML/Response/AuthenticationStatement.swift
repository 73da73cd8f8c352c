import Core

/// How and when the user signed in at the provider (SAML Core §2.7.2).
struct AuthenticationStatement {
    let instant: WallTime
    let sessionIndex: String?
    let sessionEnd: WallTime?
    let context: String?
}

extension ResponseRun {
    /// The first statement about authentication, held against what the request asked for.
    mutating func checkStatement(_ assertion: Element) throws(SAMLRefusal) -> AuthenticationStatement {
        guard let statement = assertion.children("AuthnStatement", in: Names.assertionSpace).first,
            let written = statement.attribute("AuthnInstant")
        else { throw SAMLRefusal(.statementMissing, "the assertion does not say how or when the user signed in") }
        let instant = try read(written, of: "the authentication")
        _ = try checkPeriod(from: written, until: nil, of: "the user", verb: "signed in at")
        var end: WallTime?
        if let written = statement.attribute("SessionNotOnOrAfter") {
            let limit = try read(written, of: "the provider's session")
            guard expected.now < limit else {
                throw SAMLRefusal(
                    .providerSessionExpired,
                    "the provider's session ended at \(SAMLTime.words(limit, besides: expected.now)), this clock says "
                        + SAMLTime.words(expected.now, besides: limit))
            }
            end = limit
        }
        let context = try statement.child("AuthnContext", in: Names.assertionSpace)?
            .child("AuthnContextClassRef", in: Names.assertionSpace)?.value()
        if case .answering(_, let asked) = expected.request { try check(asked, instant: instant, context: context) }
        return AuthenticationStatement(
            instant: instant, sessionIndex: statement.attribute("SessionIndex"), sessionEnd: end, context: context)
    }

    private mutating func check(
        _ asked: ResponseExpectations.Asked, instant: WallTime, context: String?
    ) throws(SAMLRefusal) {
        if let since = asked.authenticationSince {
            guard instant.milliseconds + Int64(expected.skew.count) >= since.milliseconds else {
                throw SAMLRefusal(
                    .authenticationTooOld,
                    "the user signed in at \(SAMLTime.words(instant, besides: since)), and was asked to sign in anew at "
                        + SAMLTime.words(since, besides: instant))
            }
            trace.passed("the user signed in anew")
        }
        guard !asked.contexts.isEmpty else { return }
        guard let context, asked.contexts.contains(context) else {
            throw SAMLRefusal(
                .authenticationContext,
                "the user signed in by \(Trace.quoted(context ?? "")); asked for was "
                    + asked.contexts.map(Trace.quoted).joined(separator: " or "))
        }
        trace.passed("the authentication context is \(Trace.quoted(context))")
    }
}
