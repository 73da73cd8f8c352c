public import Core
public import Store
import WebAuthn

/// What a browser gave after `navigator.credentials.get()` (WebAuthn L3 §5.2.2): bytes as they came, nothing proven.
public struct PasskeyAssertion: Sendable, Hashable {
    /// `rawId`.
    public var credentialID: [UInt8]
    public var clientDataJSON: [UInt8]
    public var authenticatorData: [UInt8]
    public var signature: [UInt8]
    /// Nil where the authenticator gave none.
    public var userHandle: [UInt8]?

    public init(
        credentialID: [UInt8], clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]?
    ) {
        self.credentialID = credentialID
        self.clientDataJSON = clientDataJSON
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }

    /// For the verification.
    var response: AssertionResponse {
        AssertionResponse(
            credentialID: credentialID, clientDataJSON: clientDataJSON, authenticatorData: authenticatorData,
            signature: signature, userHandle: userHandle)
    }
}

/// What a browser gave after `navigator.credentials.create()` (WebAuthn L3 §5.2.1): bytes as they came, nothing proven.
public struct PasskeyRegistration: Sendable, Hashable {
    public var clientDataJSON: [UInt8]
    public var attestationObject: [UInt8]

    public init(clientDataJSON: [UInt8], attestationObject: [UInt8]) {
        self.clientDataJSON = clientDataJSON
        self.attestationObject = attestationObject
    }

    /// For the verification.
    var response: RegistrationResponse {
        RegistrationResponse(clientDataJSON: clientDataJSON, attestationObject: attestationObject)
    }
}

/// What a member shows to prove a factor.
public enum FactorProof: Sendable, Hashable {
    /// A code of an authenticator app, as it was typed.
    case totp(String)
    /// A recovery code, as it was typed.
    case recoveryCode(String)
    /// - Parameter challenge: the attempt's or ceremony's own (`LoginAttempt.challenge`, `FactorCeremony.challenge`).
    case passkey(PasskeyAssertion, challenge: [UInt8])

    /// Which factor it is.
    public var factor: Factor {
        switch self {
        case .totp: .totp
        case .recoveryCode: .recoveryCode
        case .passkey: .passkey
        }
    }
}

/// A factor that a member wants to have.
public enum FactorEnrolment: Sendable {
    /// - Parameters:
    ///   - secret: what the page showed, from the sealed attempt or ceremony.
    ///   - code: that the app showed, as it was typed: it proves that the app has the secret.
    ///   - name: as it was typed; empty for the usual one.
    case totp(secret: FactorSecret, code: String, name: String)
    /// - Parameters:
    ///   - challenge: the attempt's or ceremony's own.
    ///   - transports: what the browser says of the ways to the authenticator.
    ///   - name: as it was typed; empty for the usual one.
    case passkey(PasskeyRegistration, challenge: [UInt8], transports: [String], name: String)

    /// Which factor it is.
    public var factor: Factor {
        switch self {
        case .totp: .totp
        case .passkey: .passkey
        }
    }
}

/// Where somebody comes from who proves or adds a factor.
public struct FactorVisit: Sendable, Hashable {
    public let client: ClientAddress
    /// The value of `__Host-gatehouse-device`; anything but a known token counts as none.
    public let deviceToken: String?
    public let userAgent: String
    /// Of the page: `en` or `de`; empty where it is not known.
    public let language: String
    /// The visitor asked to stay signed in; it counts where a session begins.
    public let isRemembered: Bool

    public init(
        client: ClientAddress, deviceToken: String?, userAgent: String, language: String = "",
        isRemembered: Bool = false
    ) {
        self.client = client
        self.deviceToken = deviceToken
        self.userAgent = userAgent
        self.language = language
        self.isRemembered = isRemembered
    }
}
