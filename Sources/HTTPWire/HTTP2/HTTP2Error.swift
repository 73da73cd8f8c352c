public import Core

/// Why an HTTP/2 connection cannot go on (RFC 9113 §5.4.1).
public enum HTTP2Error: Error, Sendable, Hashable {
    /// The peer broke the protocol; whatever follows could be read in two ways.
    case malformed
    /// A frame is longer than the peer was told that one may be (§4.2).
    case oversized
    /// The peer sends more frames that carry nothing than their budgets allow.
    case flood

    /// What log and metrics call it.
    public var reason: ReasonCode {
        switch self {
        case .malformed, .oversized: .frameMalformed
        case .flood: .frameFlood
        }
    }
}

/// The error codes that are sent on purpose here (RFC 9113 §7).
public enum HTTP2Code {
    public static let noError: UInt32 = 0x0
    public static let protocolError: UInt32 = 0x1
    public static let internalError: UInt32 = 0x2
    public static let frameSizeError: UInt32 = 0x6
    public static let refusedStream: UInt32 = 0x7
    public static let cancel: UInt32 = 0x8
    public static let enhanceYourCalm: UInt32 = 0xB
}
