/// A request method of the IANA registry (RFC 9110 §9, RFC 5789, RFC 4918 and kin).
///
/// A method outside the registry is refused with 501 (`method-unsupported`, RFC 9110 §9.1): nobody could
/// say whether it is safe, so no rule about unsafe methods could hold for it.
public enum Method: UInt8, CaseIterable, Sendable, Hashable {
    case get, head, post, put, delete, patch, options, trace, connect
    case propfind, proppatch, mkcol, copy, move, lock, unlock, search, report
    case mkactivity, checkout, checkin, uncheckout, merge, label, versionControl, mkworkspace, update
    case baselineControl, acl, bind, unbind, rebind, link, unlink, orderpatch, mkcalendar, mkredirectref
    case updateredirectref, query

    /// The token on the wire.  Method names are case-sensitive (RFC 9110 §9.1).
    public var token: String { Self.tokens[Int(rawValue)] }

    /// True where the method asks for no change of state (RFC 9110 §9.2.1).
    public var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace, .propfind, .search, .report, .query: true
        default: false
        }
    }

    /// True where sending it twice is as good as once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool { isSafe || self == .put || self == .delete }

    /// The method of this token; nil where the registry has none.
    public init?(token: String) {
        guard let index = Self.tokens.firstIndex(of: token), let method = Method(rawValue: UInt8(index)) else {
            return nil
        }
        self = method
    }

    private static let tokens: [String] = allCases.map { method in
        switch method {
        case .versionControl: "VERSION-CONTROL"
        case .baselineControl: "BASELINE-CONTROL"
        default: String(describing: method).uppercased()
        }
    }
}

/// A set of methods, one bit each.
public struct MethodSet: Sendable, Hashable {
    private var bits: UInt64

    public init(_ methods: [Method] = []) {
        bits = methods.reduce(0) { $0 | (1 << UInt64($1.rawValue)) }
    }

    public func contains(_ method: Method) -> Bool { bits & (1 << UInt64(method.rawValue)) != 0 }

    /// The members in registry order, as an `Allow` field lists them (RFC 9110 §10.2.1).
    public var methods: [Method] { Method.allCases.filter(contains) }
}

extension MethodSet {
    /// Every method but TRACE and CONNECT, which no proxy of ours forwards (security rule 1).
    public static let forwardable = MethodSet(Method.allCases.filter { $0 != .trace && $0 != .connect })
}
