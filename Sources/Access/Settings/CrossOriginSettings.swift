public import Core

/// A route's `cross_origin`: which other origins' scripts may call it, and how (Fetch §3.2).
public struct CrossOriginSettings: Sendable, Hashable {
    /// `origins`, as browsers write them: scheme, host in lower case, and a port that is not the scheme's own.
    public var origins: [String]
    /// `methods`: what these origins may ask with, their cookies included where `allowsCredentials`.
    public var methods: MethodSet
    /// `headers`: request headers that a script may set, besides those that every script may.
    public var headers: [String]
    /// `exposed_headers`: headers of an answer that a script may read, besides those that every script may.
    public var exposedHeaders: [String]
    /// `credentials`: requests come with cookies, and may change what is the member's.
    public var allowsCredentials: Bool
    /// `max_age`: how long a browser need not ask again.
    public var maximumAge: Milliseconds

    public init(
        origins: [String], methods: MethodSet = MethodSet([.get, .head, .post]), headers: [String] = [],
        exposedHeaders: [String] = [], allowsCredentials: Bool = false, maximumAge: Milliseconds = .minutes(10)
    ) {
        self.origins = origins
        self.methods = methods
        self.headers = headers
        self.exposedHeaders = exposedHeaders
        self.allowsCredentials = allowsCredentials
        self.maximumAge = maximumAge
    }
}
