import Core
import SAML
import Store

/// Who somebody is, by the word of a provider: what a connection's settings make of a verified assertion.
struct AssertedPerson: Sendable, Hashable {
    /// Bytes of a subject.
    static let longestSubject = 1024
    /// Bytes of a format or an attribute's name that stands beside a subject.
    static let longestFormat = 256
    /// Bytes of a display name.
    static let longestName = 200
    /// Values of roles that are looked at.
    static let mostRoles = 1000

    /// The account at the provider.
    let subject: String
    /// The NameID's format, or the name of the attribute that is the subject.
    let format: String
    /// Nil where the provider says none.
    let email: NormalizedEmail?
    /// As the provider wrote it, without blanks at its ends; empty without `email`.
    let typedEmail: String
    /// Nil where the provider says none.
    let name: String?
    /// What the connection's mapping gives; nil where the provider has no say in roles.
    let roles: [RoleName]?

    /// - Throws: `SSORefusal`.
    init(_ assertion: VerifiedAssertion, _ settings: ConnectionSettings) throws(SSORefusal) {
        (subject, format) = try Self.subject(of: assertion, settings.attributes.subject)
        if let given = Self.email(of: assertion, settings.attributes.email) {
            let typed = Self.trimmed(given)
            guard let email = NormalizedEmail(typed) else {
                throw SSORefusal(.emailMalformed, "what the provider gives as the address is none")
            }
            guard typed.unicodeScalars.allSatisfy(Self.mayStandInEmail) else {
                throw SSORefusal(
                    .emailMalformed, "what the provider gives as the address has invisible or misleading characters")
            }
            (self.email, typedEmail) = (email, typed)
        } else {
            (email, typedEmail) = (nil, "")
        }
        name = Self.name(of: assertion, settings.attributes.name)
        roles =
            settings.roleMapping.isEmpty
            ? nil
            : settings.roleMapping.roles(
                for: settings.attributes.roles.map { assertion.values(of: $0).prefix(Self.mostRoles) } ?? [])
    }

    // MARK: The subject

    private static func subject(
        of assertion: VerifiedAssertion, _ attribute: String?
    ) throws(SSORefusal) -> (String, String) {
        guard let attribute else {
            let name = assertion.subject
            guard name.knownFormat != .transient else {
                throw SSORefusal(
                    .subjectTransient,
                    "the NameID is transient, another one each time; a persistent one or attributes.subject is needed")
            }
            return (name.value, cut(name.format))
        }
        let values = Set(assertion.values(of: attribute).filter { !$0.isEmpty })
        guard let value = values.first else {
            throw SSORefusal(
                .subjectAttributeMissing, "there is no attribute \"\(cut(attribute))\", which is the subject")
        }
        guard values.count == 1, value.utf8.count <= longestSubject else {
            throw SSORefusal(
                .subjectAttributeMalformed,
                "the attribute \"\(cut(attribute))\", which is the subject, has \(values.count) values or a long one")
        }
        return (value, cut(attribute))
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= longestFormat ? text : String(text.prefix(longestFormat / 4))
    }

    // MARK: Address and name

    /// Under which names providers give an address.
    private static let emailNames = [
        "email", "mail", "emailAddress", "emailaddress", "Email", "User.email", "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    ]

    private static func email(of assertion: VerifiedAssertion, _ configured: String?) -> String? {
        if let value = first(of: configured.map { [$0] } ?? emailNames, in: assertion) { return value }
        guard configured == nil, assertion.subject.knownFormat != .transient,
            NormalizedEmail(assertion.subject.value) != nil
        else { return nil }
        return assertion.subject.value
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether a character of an address shows, and is not looked up as an ASCII one that it is not (the Kelvin sign as
    /// k): applications are given the address as it is spelt, and must not take it for another one.
    private static func mayStandInEmail(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return true }
        guard mayStandInName(scalar), !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        let folded = CanonicalComposition.of(CanonicalComposition.of(String(scalar)).lowercased())
        return !folded.unicodeScalars.contains { $0.isASCII }
    }

    /// Under which names providers give a whole name.
    private static let wholeNames = [
        "displayName", "name", "cn", "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:2.5.4.3",
        "http://schemas.microsoft.com/identity/claims/displayname",
    ]
    /// And the two parts of one.
    private static let partsOfNames = [
        ("givenName", "sn"), ("givenName", "surname"), ("firstName", "lastName"),
        ("User.FirstName", "User.LastName"), ("urn:oid:2.5.4.42", "urn:oid:2.5.4.4"),
        (
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
        ),
    ]

    private static func name(of assertion: VerifiedAssertion, _ configured: String?) -> String? {
        if let configured { return first(of: [configured], in: assertion).flatMap(displayName) }
        if let whole = first(of: wholeNames, in: assertion).flatMap(displayName) { return whole }
        for (given, family) in partsOfNames {
            guard let one = first(of: [given], in: assertion), let other = first(of: [family], in: assertion) else {
                continue
            }
            return displayName("\(one) \(other)")
        }
        return nil
    }

    private static func first(of names: [String], in assertion: VerifiedAssertion) -> String? {
        for name in names {
            if let value = assertion.values(of: name).first(where: { !$0.isEmpty }) { return value }
        }
        return nil
    }

    /// The name without controls and without blanks at its ends, cut at a character; nil where nothing is left.
    private static func displayName(_ given: String) -> String? {
        var kept = ""
        for character in CanonicalComposition.of(String(given.prefix(longestName)))
        where character.unicodeScalars.allSatisfy(mayStandInName) {
            guard !kept.isEmpty || !character.isWhitespace else { continue }
            guard kept.utf8.count + character.utf8.count <= longestName else { break }
            kept.append(character)
        }
        while let last = kept.last, last.isWhitespace { kept.removeLast() }
        return kept.isEmpty ? nil : kept
    }

    private static func mayStandInName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}

/// Why a provider's word leads to no account here.
struct SSORefusal: Error, Sendable, Hashable {
    let reason: SSOReason
    /// A sentence without its full stop, without who it is about.
    let words: String

    init(_ reason: SSOReason, _ words: String) {
        self.reason = reason
        self.words = words
    }
}
