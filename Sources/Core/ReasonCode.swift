/// Why a request was refused, or an exchange failed: one stable kebab-case code, with what the outside
/// is told.
///
/// The code is the join between the three audiences of a refusal: the visitor sees it on the page
/// beside the request id, the operator finds it in the access log and in `gatehouse_refusals_total`,
/// and the troubleshooting page is ordered by it.  Codes never change their meaning; new ones are added
/// at the end of their group.
public enum ReasonCode: UInt8, CaseIterable, Sendable, Error {
    // Malformed or ambiguous messages (RFC 9112); the connection closes after the answer.
    case requestLineMalformed, methodUnsupported, methodRefused, versionUnsupported
    case targetMalformed, targetScheme, targetTooLong
    case headerMalformed, headerTooLarge, headersTooMany
    case framingAmbiguous, lengthMalformed, transferCodingUnsupported, chunkMalformed
    case trailerRefused, expectationUnknown
    case hostMissing, hostRepeated, hostMalformed, hostMismatch
    case upgradeMalformed, proxyHeaderMalformed, proxyHeaderUntrusted, frameMalformed, frameFlood
    case cleartextRefused
    // Paths that two parsers could read differently; refused before any rule is read.
    case pathMalformed, pathDotSegment, pathEmptySegment, pathEncodedSlash, pathBackslash
    case pathParameter, pathControl, pathInvalidUTF8
    // Bounds.
    case bodyTooLarge, handshakeTimeout, headerTimeout, bodyTooSlow, idleTimeout, readTooSlow
    case tooManyConnections, tooManyConnectionsFromAddress, overloaded, tooManyInFlight, rateLimited
    // Where to.
    case hostUnknown, routeMissing, methodNotAllowed, pageMissing
    // Who, and may they.
    case loginRequired, sessionUnknown, sessionExpired, sessionWrongTenant, cookieRepeated
    case roleMissing, mfaRequired, networkRefused, tenantSuspended, crossOrigin
    case serviceWorkerRefused, upgradeRefused
    // Logins.
    case loginThrottled, formRefused, loginBusy, storeUnavailable, handoffRefused, ssoRefused, ssoUnavailable
    // The application behind.
    case upstreamUnreachable, upstreamClosed, upstreamInvalid, upstreamTimeout, upstreamOverloaded
    case upstreamUpgradeRefused, upstreamHandshakeFailed, upstreamWaitTimeout
    // The two sides ended early, and our own faults.
    case clientClosed, draining, internalFault
}

/// Whose doing a refusal is; it decides the log level and who is alerted.
public enum Fault: String, Sendable, Hashable {
    /// The sender of the bytes broke the protocol or a bound.
    case peer
    /// The caller asked for what they may not have.
    case caller
    /// The configuration, or a server that the operator runs, is at fault.
    case `operator`
    /// Gatehouse itself.
    case ours
}

extension ReasonCode {
    /// The stable kebab-case name, as logs, metrics, pages and the troubleshooting document spell it.
    public var code: String { Self.codes[Int(rawValue)] }

    /// The reason with this kebab-case name; nil where there is none.
    public init?(code: String) {
        guard let index = Self.codes.firstIndex(of: code), let reason = ReasonCode(rawValue: UInt8(index)) else {
            return nil
        }
        self = reason
    }

    private static let codes: [String] = allCases.map { kebab(String(describing: $0)) }

    /// `pathInvalidUTF8` → `path-invalid-utf8`.
    private static func kebab(_ name: String) -> String {
        var words = ""
        var previousWasLower = false
        for character in name {
            if character.isUppercase, previousWasLower { words.append("-") }
            previousWasLower = character.isLowercase
            words.append(contentsOf: character.lowercased())
        }
        return words
    }

    /// The status code (RFC 9110 §15) of the answer that carries this reason; 0 where nothing is
    /// answered because there is nobody left to answer.
    public var status: UInt16 {
        switch self {
        case .requestLineMalformed, .targetMalformed, .targetScheme, .headerMalformed, .framingAmbiguous,
            .lengthMalformed, .chunkMalformed, .trailerRefused, .hostMissing, .hostRepeated, .hostMalformed,
            .hostMismatch, .pathMalformed, .pathDotSegment, .pathEmptySegment, .pathEncodedSlash, .pathBackslash,
            .pathParameter, .pathControl, .pathInvalidUTF8, .upgradeMalformed:
            400
        case .loginRequired, .sessionUnknown, .sessionExpired, .sessionWrongTenant, .cookieRepeated, .mfaRequired:
            401
        case .roleMissing, .networkRefused, .tenantSuspended, .crossOrigin, .serviceWorkerRefused, .upgradeRefused,
            .formRefused, .cleartextRefused, .handoffRefused, .ssoRefused:
            403
        case .routeMissing, .pageMissing: 404
        case .methodNotAllowed, .methodRefused: 405
        case .headerTimeout, .bodyTooSlow: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectationUnknown: 417
        case .hostUnknown: 421
        case .loginThrottled, .rateLimited: 429
        case .headerTooLarge, .headersTooMany: 431
        case .internalFault: 500
        case .methodUnsupported, .transferCodingUnsupported: 501
        case .upstreamUnreachable, .upstreamClosed, .upstreamInvalid, .upstreamUpgradeRefused,
            .upstreamHandshakeFailed:
            502
        case .overloaded, .tooManyInFlight, .upstreamOverloaded, .upstreamWaitTimeout, .draining, .loginBusy,
            .storeUnavailable, .ssoUnavailable:
            503
        case .upstreamTimeout: 504
        case .versionUnsupported: 505
        case .handshakeTimeout, .idleTimeout, .readTooSlow, .tooManyConnections, .tooManyConnectionsFromAddress,
            .clientClosed, .proxyHeaderMalformed, .proxyHeaderUntrusted, .frameMalformed, .frameFlood:
            0
        }
    }

    /// Whose doing it is.
    public var fault: Fault {
        switch self {
        case .loginRequired, .sessionUnknown, .sessionExpired, .sessionWrongTenant, .roleMissing, .mfaRequired,
            .networkRefused, .tenantSuspended, .crossOrigin, .routeMissing, .pageMissing, .methodNotAllowed,
            .hostUnknown, .upgradeRefused, .serviceWorkerRefused, .clientClosed, .loginThrottled, .formRefused,
            .rateLimited, .handoffRefused, .ssoRefused:
            .caller
        case .upstreamUnreachable, .upstreamClosed, .upstreamInvalid, .upstreamTimeout, .upstreamOverloaded,
            .upstreamUpgradeRefused, .upstreamHandshakeFailed, .upstreamWaitTimeout, .overloaded, .tooManyInFlight,
            .draining, .loginBusy, .storeUnavailable, .ssoUnavailable, .proxyHeaderMalformed, .proxyHeaderUntrusted,
            .cleartextRefused:
            .operator
        case .internalFault: .ours
        default: .peer
        }
    }

    /// True where what follows on the connection cannot be trusted to be the next request.
    public var closesConnection: Bool {
        switch status {
        case 0, 400, 408, 413, 414, 417, 431, 501, 505: true
        default: self == .methodRefused
        }
    }
}
