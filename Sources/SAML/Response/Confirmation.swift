import Core

extension ResponseRun {
    /// One SubjectConfirmation of method bearer that holds (SAML Profiles §4.1.4.2): for our address, in time, and for
    /// the request that is waited for.
    /// - Returns: until when it holds, by the provider's clock.
    mutating func checkConfirmation(_ subject: Element, _ reading: AssertionReading) throws(SAMLRefusal) -> WallTime {
        try checkAnswer(reading.response.attribute("InResponseTo"), of: "response", mayBeAbsent: true)
        let confirmations = subject.children("SubjectConfirmation", in: Names.assertionSpace)
        let bearers = confirmations.filter { $0.attribute("Method") == Names.bearer }
        guard !bearers.isEmpty else {
            throw SAMLRefusal(
                .confirmationMissing,
                "the subject has no confirmation of method bearer, but "
                    + "\(confirmations.map { Trace.quoted($0.attribute("Method") ?? "") }.joined(separator: ", "))")
        }
        var last: SAMLRefusal?
        for bearer in bearers {
            do {
                return try checkBearer(bearer)
            } catch {
                last = error
            }
        }
        throw last ?? SAMLRefusal(.confirmationMissing, "the subject has no confirmation")
    }

    private mutating func checkBearer(_ bearer: Element) throws(SAMLRefusal) -> WallTime {
        guard let data = try bearer.child("SubjectConfirmationData", in: Names.assertionSpace) else {
            throw SAMLRefusal(.confirmationMissing, "the subject's confirmation has no data")
        }
        guard let recipient = data.attribute("Recipient"), recipient == expected.consumerURL else {
            throw SAMLRefusal(
                .recipientMismatch,
                "the recipient is \(Trace.quoted(data.attribute("Recipient") ?? "")), the response was received at "
                    + Trace.quoted(expected.consumerURL))
        }
        trace.passed("the recipient is \(Trace.quoted(recipient))")
        try checkAnswer(data.attribute("InResponseTo"), of: "subject's confirmation", mayBeAbsent: false)
        guard let end = data.attribute("NotOnOrAfter") else {
            throw SAMLRefusal(.confirmationMissing, "the subject's confirmation has no end (NotOnOrAfter)")
        }
        let until = try checkPeriod(
            from: data.attribute("NotBefore"), until: end, of: "the subject's confirmation")
        return until ?? expected.now
    }

    /// What a part says that it answers.
    private mutating func checkAnswer(
        _ answered: String?, of part: String, mayBeAbsent: Bool
    ) throws(SAMLRefusal) {
        switch (expected.request, answered) {
        case (.answering(let id, _), let answered?):
            guard answered == id else {
                throw SAMLRefusal(
                    .inResponseToMismatch,
                    "the \(part) answers the request \(Trace.quoted(answered)), not \(Trace.quoted(id))")
            }
            trace.passed("the \(part) answers the request \(Trace.quoted(id))")
        case (.answering(let id, _), nil):
            guard mayBeAbsent else {
                throw SAMLRefusal(
                    .inResponseToMissing, "the \(part) answers no request; \(Trace.quoted(id)) is waited for")
            }
            trace.noted("the \(part) does not say what it answers")
        case (.unsolicited, let answered?):
            throw SAMLRefusal(
                .inResponseToUnexpected,
                "the \(part) answers the request \(Trace.quoted(answered)), and none is waited for")
        case (.unsolicited, nil):
            if !mayBeAbsent {
                trace.passed("the provider began: the \(part) answers no request, and none is waited for")
            }
        }
    }

    /// Conditions (SAML Core §2.5.1): times, audience; a condition that is not known makes the assertion worthless.
    mutating func checkConditions(_ assertion: Element) throws(SAMLRefusal) {
        guard let conditions = try assertion.child("Conditions", in: Names.assertionSpace) else {
            throw SAMLRefusal(.audienceMissing, "the assertion has no Conditions, and so no audience")
        }
        let known: Set = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]
        for condition in conditions.children
        where condition.space != Names.assertionSpace || !known.contains(condition.name) {
            throw SAMLRefusal(.conditionUnknown, "the condition \(Trace.quoted(condition.name)) is not known")
        }
        let restrictions = conditions.children("AudienceRestriction", in: Names.assertionSpace)
        guard !restrictions.isEmpty else {
            throw SAMLRefusal(.audienceMissing, "the assertion names no audience")
        }
        for restriction in restrictions {
            var audiences: [String] = []
            for audience in restriction.children("Audience", in: Names.assertionSpace) {
                audiences.append(try audience.value())
            }
            guard audiences.contains(expected.entityID) else {
                throw SAMLRefusal(
                    .audienceMismatch,
                    "the audience is \(audiences.map(Trace.quoted).joined(separator: ", ")), our entity ID is "
                        + Trace.quoted(expected.entityID))
            }
        }
        trace.passed("the audience is \(Trace.quoted(expected.entityID))")
        guard let issued = assertion.attribute("IssueInstant") else {
            throw SAMLRefusal(.timeMalformed, "the assertion does not say when it was issued")
        }
        _ = try checkPeriod(from: issued, until: nil, of: "the assertion", verb: "was issued at")
        _ = try checkPeriod(
            from: conditions.attribute("NotBefore"), until: conditions.attribute("NotOnOrAfter"), of: "the assertion")
    }
}
