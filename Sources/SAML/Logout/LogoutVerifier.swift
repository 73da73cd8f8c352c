public import Core

/// Judges logout messages of a provider: always signed, by the query's signature or by one within.
public struct LogoutVerifier: Sendable {
    private let provider: IdentityProvider
    private let destination: String
    private let now: WallTime
    private let skew: Milliseconds
    private let algorithms: AlgorithmPolicy

    /// How old a message may be that does not say until when it holds.
    public static let longestAge = Milliseconds.minutes(5)

    /// - Parameter destination: where the message was received.
    public init(
        provider: IdentityProvider, destination: String, now: WallTime, skew: Milliseconds, algorithms: AlgorithmPolicy
    ) {
        self.provider = provider
        self.destination = destination
        self.now = now
        self.skew = min(skew, ResponseExpectations.longestSkew)
        self.algorithms = algorithms
    }

    /// How a message came.
    public enum Arrival: Sendable {
        /// The query as it came, without its question mark.
        case query([UInt8])
        /// The form's field.
        case field([UInt8])
    }

    /// A request of the provider to end sessions: of this user and, where any are named, these sessions.
    public struct Request: Sendable, Hashable {
        public let id: String
        public let subject: VerifiedAssertion.NameID
        public let sessionIndexes: [String]
        public let relayState: String?
    }

    /// The outcome with its steps.
    public struct Outcome<Message: Sendable>: Sendable {
        public let result: Result<Message, SAMLRefusal>
        public let steps: [SAMLStep]
    }

    /// Judges a LogoutRequest.
    public func request(_ arrival: Arrival) -> Outcome<Request> {
        outcome { (trace) throws(SAMLRefusal) in
            let (root, state) = try message(arrival, .request, "LogoutRequest", &trace)
            guard let name = try root.child("NameID", in: Names.assertionSpace) else {
                throw SAMLRefusal(.nameIDMissing, "the request names no user")
            }
            if let end = root.attribute("NotOnOrAfter") {
                guard let limit = SAMLTime.read(end) else {
                    throw SAMLRefusal(.timeMalformed, "NotOnOrAfter is \(Trace.quoted(end)), not a time in UTC")
                }
                guard now.milliseconds - limit.milliseconds < Int64(skew.count) else {
                    throw SAMLRefusal(.expired, "the request was valid until \(SAMLTime.words(limit, besides: now))")
                }
            }
            var indexes: [String] = []
            for index in root.children("SessionIndex", in: Names.protocolSpace) { indexes.append(try index.value()) }
            return Request(
                id: root.attribute("ID") ?? "", subject: try SubjectReading.nameID(name), sessionIndexes: indexes,
                relayState: state)
        }
    }

    /// Judges a LogoutResponse to the request of this ID; what comes out is its relay state.
    public func answer(_ arrival: Arrival, to id: String) -> Outcome<String?> {
        outcome { (trace) throws(SAMLRefusal) in
            let (root, state) = try message(arrival, .response, "LogoutResponse", &trace)
            guard let answered = root.attribute("InResponseTo") else {
                throw SAMLRefusal(
                    .inResponseToMissing, "the answer names no request; \(Trace.quoted(id)) is waited for")
            }
            guard answered == id else {
                throw SAMLRefusal(
                    .inResponseToMismatch, "the answer is to \(Trace.quoted(answered)), not to \(Trace.quoted(id))")
            }
            try ResponseStatus.check(root)
            trace.passed("the status is Success")
            return state
        }
    }

    private func outcome<Message>(
        _ body: (inout Trace) throws(SAMLRefusal) -> Message
    ) -> Outcome<Message> {
        var trace = Trace()
        do {
            let message = try body(&trace)
            return Outcome(result: .success(message), steps: trace.steps)
        } catch {
            trace.failed(error)
            return Outcome(result: .failure(error), steps: trace.steps)
        }
    }

    /// The root of the signed message, from the octets that were signed.
    private func message(
        _ arrival: Arrival, _ parameter: RedirectBinding.Parameter, _ name: String, _ trace: inout Trace
    ) throws(SAMLRefusal) -> (root: Element, relayState: String?) {
        var root: Element
        var state: String?
        switch arrival {
        case .query(let query):
            let arrived = try RedirectBinding.read(
                query, parameter: parameter, keys: provider.signingKeys, algorithms: algorithms, &trace)
            root = try XMLDocument(parsing: arrived.document, .message).root
            state = arrived.relayState
            try check(root, name)
            _ = try MessageShape(root)
        case .field(let field):
            let document = try XMLDocument(parsing: try MessageEncoding.decode(field), .message)
            root = document.root
            try check(root, name)
            guard let signature = try MessageShape(root).signatures(of: [root])[0] else {
                throw SAMLRefusal(.signatureMissing, "the message is not signed")
            }
            let octets = try SignatureCheck(keys: provider.signingKeys, algorithms: algorithms)
                .octets(in: document, root, by: signature, what: "message", &trace)
            root = try XMLDocument(parsing: octets, .digested).root
            try check(root, name)
        }
        try checkContent(root, &trace)
        return (root, state)
    }

    private func check(_ root: Element, _ name: String) throws(SAMLRefusal) {
        guard root.isNamed(name, in: Names.protocolSpace) else {
            throw SAMLRefusal(.rootUnexpected, "the document is \(Trace.quoted(root.name)), not a \(name)")
        }
        try MessageShape.checkHead(of: root)
    }

    private func checkContent(_ root: Element, _ trace: inout Trace) throws(SAMLRefusal) {
        guard let issuer = try IssuerReading.issuer(of: root), issuer == provider.entityID else {
            throw SAMLRefusal(.issuerMismatch, "the issuer is not \(Trace.quoted(provider.entityID))")
        }
        trace.passed("the issuer is \(Trace.quoted(issuer))")
        guard let place = root.attribute("Destination") else {
            throw SAMLRefusal(.destinationMissing, "the message names no Destination")
        }
        guard place == destination else {
            throw SAMLRefusal(
                .destinationMismatch,
                "the destination is \(Trace.quoted(place)), the message was received at \(Trace.quoted(destination))")
        }
        trace.passed("the destination is \(Trace.quoted(place))")
        guard let written = root.attribute("IssueInstant"), let issued = SAMLTime.read(written) else {
            throw SAMLRefusal(.timeMalformed, "the message does not say when it was issued")
        }
        let age = now.milliseconds - issued.milliseconds
        let words =
            "the message was issued at \(SAMLTime.words(issued, besides: now)), this clock says "
            + SAMLTime.words(now, besides: issued)
        guard -age <= Int64(skew.count) else { throw SAMLRefusal(.tooEarly, words) }
        guard age <= Int64(Self.longestAge.count + skew.count) else { throw SAMLRefusal(.expired, words) }
        trace.passed(words)
    }
}
