import Core
import Store

/// A tenant's `webauthn` as written: which passkeys it accepts.
struct WebAuthnEntry: Sendable {
    /// Empty where none is named.
    let rpID: Located<String>
    let attestation: PasskeyRule.Attestation
    let aaguids: AAGUIDLists

    /// `aaguids` as written: models of authenticators.
    struct AAGUIDLists: Sendable {
        let allow: [Located<String>]
        let deny: [Located<String>]
    }

    static let rpIDKey = DefaultedKey(
        "rp_id", ValueType<String>.optionalHost.located, default: "\"\"",
        "The relying party id of passkeys that are made from now on: the host itself or a domain that it lies in; \"\" is "
            + "the first of hosts.")
    static let attestationKey = DefaultedKey(
        "attestation", ValueType<PasskeyRule.Attestation>.choice("a demand for attestation"), default: "any",
        "any: every authenticator.  attested: those whose signed statement about their model holds.")
    static let aaguidsKey = DefaultedKey(
        "aaguids", WebAuthnEntry.aaguidsType, default: "{}", "Models of authenticators, by their AAGUIDs.")
    static let allowKey = DefaultedKey(
        "allow", ValueType<[Located<String>]>.locatedSet(of: .aaguid, count: 0...PasskeyRule.longestList),
        default: "[]", "Models that may be used; [] is every model.")
    static let denyKey = DefaultedKey(
        "deny", ValueType<[Located<String>]>.locatedSet(of: .aaguid, count: 0...PasskeyRule.longestList),
        default: "[]", "Models that may not be used.")

    static let aaguidsType = ValueType<AAGUIDLists>.mapping([allowKey, denyKey]) { section, _ in
        AAGUIDLists(allow: section[allowKey], deny: section[denyKey])
    }

    static let type = ValueType<WebAuthnEntry>.mapping([rpIDKey, attestationKey, aaguidsKey]) { section, _ in
        WebAuthnEntry(
            rpID: section[rpIDKey], attestation: section[attestationKey], aaguids: section[aaguidsKey])
    }

    /// The rule, as enrolments ask it.
    var rule: PasskeyRule {
        PasskeyRule(
            rpID: rpID.value.isEmpty ? nil : rpID.value, attestation: attestation,
            allow: aaguids.allow.map(\.value), deny: aaguids.deny.map(\.value))
    }
}

extension ValueType where Value == String {
    /// The model of an authenticator (WebAuthn Level 3 §6.5.1): a UUID, lower-cased.
    static var aaguid: ValueType {
        let shape = ScalarShape(
            noun: "an AAGUID",
            allowed: "a UUID of 32 hexadecimal digits, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a",
            json: .object([
                ("type", .string("string")),
                ("pattern", .string("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")),
            ]))
        return scalar(shape) { text throws(ScalarProblem) in
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], parts.joined().utf8.allSatisfy(isHexadecimal) else {
                throw ScalarProblem("\(ShownText.quoted(text)) is not an AAGUID")
            }
            return text.lowercased()
        }
    }

    private static func isHexadecimal(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x46).contains(octet) || (0x61...0x66).contains(octet)
    }
}
