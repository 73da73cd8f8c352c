import Core
import Portal

/// `gatehouse session …` and `gatehouse throttle …`.
extension OperatorClient {
    /// Which sessions of a tenant are meant.
    public enum SessionChoice: Sendable, Hashable {
        /// All of the user with this e-mail address or id.
        case user(String)
        /// The one with this public handle.
        case handle(String)
        case all
    }

    /// Sessions of a tenant that have not reached their end.
    public func listSessions(
        of tenant: String, _ choice: SessionChoice, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: tenant) + "/sessions"
        var request = OperatorRequest(method: .get, path: path)
        var most = Self.mostRows
        if case .user(let name) = choice {
            // A user's sessions come on one page, by the address.
            request.query = [("email", UserID(name) == nil ? name : try user(name, of: tenant).email)]
            most = 1
        }
        var rows = try all(request, of: SessionResource.self, most: most)
        if case .handle(let handle) = choice { rows = rows.filter { $0.session == handle.lowercased() } }
        return CommandOutput.list(
            rows, asJSON: asJSON, noun: "sessions",
            headings: ["SESSION", "EMAIL", "FACTORS", "BEGAN", "LAST USED", "ENDS", "CLIENT"]
        ) { session in
            [
                session.session, session.email, session.factors.map(\.factor).joined(separator: ","),
                ShownText.time(session.createdAt), ShownText.time(session.usedAt), ShownText.time(session.expiresAt),
                session.client,
            ]
        }
    }

    /// Ends sessions; what runs under them is cut within a second.
    public func revokeSessions(
        of tenant: String, _ choice: SessionChoice, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: tenant)
        let request: OperatorRequest
        switch choice {
        case .all: request = OperatorRequest(method: .delete, path: path + "/sessions", query: [("all", "true")])
        case .user(let name):
            request = OperatorRequest(
                method: .delete, path: try Self.path(of: user(name, of: tenant), in: tenant) + "/sessions")
        case .handle(let handle):
            guard let id = UserID(handle) else {
                throw OperatorFault(.badData, "\(ShownText.quoted(handle)) is no session's handle (a UUID)")
            }
            request = OperatorRequest(method: .delete, path: path + "/sessions/\(id)")
        }
        return Self.counted(try ask(request, for: CountResource.self), asJSON: asJSON, "session", "ended")
    }

    /// The throttle's counters, the emptiest first.
    public func listThrottles(asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let rows = try ask(
            OperatorRequest(method: .get, path: "/throttles"), for: Page<ThrottleResource>.self
        ).items
        return CommandOutput.list(
            rows, asJSON: asJSON, noun: "failed logins are counted",
            headings: ["KIND", "SUBJECT", "FAILURES LEFT", "FULL AGAIN"]
        ) { [$0.kind, $0.subject, "\($0.failuresLeft) of \($0.capacity)", ShownText.time($0.fullAt)] }
    }

    /// Forgets the counters of an address, or all.
    public func clearThrottles(address: String?, asJSON: Bool) throws(OperatorFault) -> CommandOutput {
        let query = address.map { [("address", $0)] } ?? [("all", "true")]
        let count = try ask(
            OperatorRequest(method: .delete, path: "/throttles", query: query.map { (name: $0.0, value: $0.1) }),
            for: CountResource.self)
        return Self.counted(count, asJSON: asJSON, "counter", "forgotten")
    }

    private static func counted(
        _ count: CountResource, asJSON: Bool, _ noun: String, _ verb: String
    ) -> CommandOutput {
        guard !asJSON else { return CommandOutput(CommandOutput.json(count)) }
        return CommandOutput("\(ShownText.count(count.count, noun)) \(verb)\n")
    }
}
