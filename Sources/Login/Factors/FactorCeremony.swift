public import Core
import HostCrypto
public import Store

/// The adding or proving of a factor by a member who is signed in, as it travels in a hidden field: what a login
/// attempt is before there is a session.
public struct FactorCeremony: Sendable, Hashable {
    /// Bytes of an id.
    public static let idByteCount = 16
    /// Bytes of a secret, at most.
    public static let longestSecret = 64

    /// Random; it is used once, on success (`UsedLoginAttempts`).
    public let id: [UInt8]
    public let beganAt: WallTime
    /// The secret of an authenticator app that is being added.
    public var secret: [UInt8]?
    /// Whether an enrolment code was right in this ceremony.
    public var isSure: Bool

    public init(id: [UInt8], beganAt: WallTime, secret: [UInt8]? = nil, isSure: Bool = false) {
        self.id = id
        self.beganAt = beganAt
        self.secret = secret
        self.isSure = isSure
    }

    /// A new one with a random id.
    /// - Parameter secret: of an app that is being added.
    public static func begun(at now: WallTime, secret: [UInt8]? = nil, isSure: Bool = false) -> FactorCeremony {
        FactorCeremony(id: SecureRandom.bytes(idByteCount), beganAt: now, secret: secret, isSure: isSure)
    }

    /// The challenge of its passkey: 32 bytes.
    public var challenge: [UInt8] { CeremonyChallenge.of(id) }
}

/// Seals ceremonies for the session and the host that they were handed to, and opens what comes back.
public struct FactorCeremonySeal: Sendable {
    /// A ceremony that is older begins anew.
    public static let lifetime = Milliseconds.minutes(15)
    /// The longest text that is opened, in bytes.
    public static let longestText = 512
    private static let purpose = "factor-ceremony 1"

    private let forms: FormSeal

    public init(forms: FormSeal) { self.forms = forms }

    /// The ceremony as a form's field: base64url, at most 512 bytes.
    public func seal(_ ceremony: FactorCeremony, session: SessionHandle, host: String) -> String {
        var writer = AttemptWriter()
        writer.append(ceremony.id)
        writer.append(ceremony.beganAt.milliseconds)
        writer.append(ceremony.secret?.prefix(FactorCeremony.longestSecret) ?? [])
        writer.append([ceremony.isSure ? 1 : 0])
        let sealed = forms.seal(writer.bytes, purpose: Self.purpose, context: Self.context(session, host))
        return Base64.encode(sealed, alphabet: .url)
    }

    /// The ceremony; nil where it was handed to another session or host, is forged, too old or too long.
    public func open(_ text: String, session: SessionHandle, host: String, now: WallTime) -> FactorCeremony? {
        guard text.utf8.count <= Self.longestText, let sealed = Base64.decode(text.utf8, alphabet: .url),
            let plain = forms.open(sealed, purpose: Self.purpose, context: Self.context(session, host)),
            let ceremony = Self.ceremony(plain),
            now.isWithin(Self.lifetime, after: ceremony.beganAt, skew: LoginAttemptSeal.skew)
        else { return nil }
        return ceremony
    }

    private static func ceremony(_ plain: [UInt8]) -> FactorCeremony? {
        var reader = AttemptReader(plain)
        guard let id = reader.octets(), id.count == FactorCeremony.idByteCount, let beganAt = reader.number(),
            let secret = reader.octets(), secret.count <= FactorCeremony.longestSecret, let mark = reader.octets(),
            reader.isAtEnd
        else { return nil }
        return FactorCeremony(
            id: id, beganAt: WallTime(milliseconds: beganAt), secret: secret.isEmpty ? nil : secret,
            isSure: mark == [1])
    }

    private static func context(_ session: SessionHandle, _ host: String) -> [UInt8] {
        var writer = AttemptWriter()
        writer.append(session.description.utf8.prefix(256))
        writer.append(host.utf8.prefix(256))
        return writer.bytes
    }
}
