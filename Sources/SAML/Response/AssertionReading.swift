import Core

/// An assertion and its response, both from signed octets where they are signed at all, on the way through the rules.
struct AssertionReading {
    /// Signed where `isResponseSigned`; else its attributes can refuse, and never permit.
    let response: Element
    let isResponseSigned: Bool
    let assertion: Element
    let wasEncrypted: Bool
}

extension ResponseRun {
    /// The rules of SAML Profiles §4.1.4.2 and §4.1.4.3, in the order of the threat model.
    mutating func verifiedAssertion(_ reading: AssertionReading) throws(SAMLRefusal) -> VerifiedAssertion {
        let assertion = reading.assertion
        try MessageShape.checkHead(of: assertion)
        let issuer = try checkIssuer(reading)
        try checkDestination(reading)
        guard let subject = try assertion.child("Subject", in: Names.assertionSpace) else {
            throw SAMLRefusal(.subjectMissing, "the assertion has no Subject")
        }
        let confirmedUntil = try checkConfirmation(subject, reading)
        try checkConditions(assertion)
        try ResponseStatus.check(reading.response)
        trace.passed("the status is Success")
        let statement = try checkStatement(assertion)
        let name = try SubjectReading.nameID(of: subject)
        trace.passed(
            "the subject is \(Trace.quoted(name.value)), format \(Trace.quoted(name.format))",
            redacted: "the subject is \(Trace.masked(name.value)), format \(Trace.quoted(name.format))")
        let attributes = try SubjectReading.attributes(of: assertion)
        trace.noted("the assertion has \(attributes.count) attributes")
        let latest = confirmedUntil.milliseconds.addingReportingOverflow(Int64(expected.skew.count))
        return VerifiedAssertion(
            id: assertion.attribute("ID") ?? "", issuer: issuer, subject: name, attributes: attributes,
            authenticatedAt: statement.instant, sessionIndex: statement.sessionIndex,
            sessionEndsAt: statement.sessionEnd, context: statement.context,
            usableUntil: WallTime(milliseconds: latest.overflow ? .max : latest.partialValue),
            wasEncrypted: reading.wasEncrypted)
    }

    /// SAML Core §2.2.5: the assertion's issuer is the provider; so is the response's where it names one.
    private mutating func checkIssuer(_ reading: AssertionReading) throws(SAMLRefusal) -> String {
        let issuer = try IssuerReading.issuer(of: reading.assertion)
        guard let issuer else { throw SAMLRefusal(.issuerMismatch, "the assertion names no issuer") }
        let sender = try IssuerReading.issuer(of: reading.response) ?? issuer
        for found in [issuer, sender] where found != expected.provider.entityID {
            throw SAMLRefusal(
                .issuerMismatch,
                "the issuer is \(Trace.quoted(found)), the provider of this connection is "
                    + Trace.quoted(expected.provider.entityID))
        }
        trace.passed("the issuer is \(Trace.quoted(issuer))")
        return issuer
    }

    /// SAML Bindings §3.5.5.2: a signed message names where it was sent to; whatever names a place must name ours.
    private mutating func checkDestination(_ reading: AssertionReading) throws(SAMLRefusal) {
        guard let destination = reading.response.attribute("Destination") else {
            guard !reading.isResponseSigned else {
                throw SAMLRefusal(.destinationMissing, "the response is signed and names no Destination")
            }
            trace.noted("the response names no Destination")
            return
        }
        guard destination == expected.consumerURL else {
            throw SAMLRefusal(
                .destinationMismatch,
                "the destination is \(Trace.quoted(destination)), the response was received at "
                    + Trace.quoted(expected.consumerURL))
        }
        trace.passed("the destination is \(Trace.quoted(destination))")
    }
}

/// Who made a message.
enum IssuerReading {
    /// The issuer's entity ID; nil where there is none.
    static func issuer(of element: Element) throws(SAMLRefusal) -> String? {
        guard let issuer = try element.child("Issuer", in: Names.assertionSpace) else { return nil }
        if let format = issuer.attribute("Format"), format != Names.entityFormat {
            throw SAMLRefusal(.issuerMismatch, "the issuer's format is \(Trace.quoted(format)), not an entity's")
        }
        return try issuer.value()
    }
}

/// Whether the provider did what it was asked for (SAML Core §3.2.2).
enum ResponseStatus {
    /// Codes below codes that are read.
    private static let deepest = 4
    /// Characters of the provider's own words.
    private static let longestMessage = 300

    static func check(_ response: Element) throws(SAMLRefusal) {
        guard let status = try response.child("Status", in: Names.protocolSpace) else {
            throw SAMLRefusal(.statusNotSuccess, "the response has no Status")
        }
        var codes: [String] = []
        var at = try status.child("StatusCode", in: Names.protocolSpace)
        while let code = at, codes.count < deepest {
            codes.append(code.attribute("Value") ?? "")
            at = try code.child("StatusCode", in: Names.protocolSpace)
        }
        guard codes.first != Names.success else { return }
        var words = "the provider's status is \(codes.map(Trace.quoted).joined(separator: ", "))"
        if let message = try status.child("StatusMessage", in: Names.protocolSpace) {
            words += ": \(Trace.quoted(String(try message.value().prefix(longestMessage))))"
        }
        throw SAMLRefusal(.statusNotSuccess, words)
    }
}
