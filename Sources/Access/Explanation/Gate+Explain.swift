public import Core

extension Gate {
    /// Decides as `decide` does, by calling it, and puts the outcome in words.
    public static func explain(
        _ facts: RequestFacts, snapshot: AccessSnapshot, sessions: inout SessionTable, now: MonotonicInstant
    ) -> Explanation {
        var words = ExplanationWords(facts: facts, snapshot: snapshot)
        switch decide(facts, snapshot: snapshot, sessions: &sessions, now: now) {
        case .forward(let permit):
            let slot = permit.sessionSlot
            return words.forwarded(permit, owesSecondFactor: slot >= 0 && sessions.slot(slot).owesSecondFactor)
        case .portal(let call): return words.answered(call)
        case .preflight(let preflight): return words.preflighted(preflight)
        case .refuse(let refusal): return words.refused(refusal)
        case .load: return words.unasked()
        }
    }

    /// Explains a request that nobody sent: `host` and `path` as a client would write them, the path with or
    /// without a query, a member who is supposed to be signed in, and the origin of the page whose script asks.  A host or path that is refused before
    /// any rule is read is explained too.
    public static func explain(
        host: String, path: String, method: Method = .get, member: SupposedMember? = nil,
        client: ClientAddress = ClientAddress(ipv4: 0x7F00_0001), origin: String? = nil, snapshot: AccessSnapshot
    ) -> Explanation {
        var facts = RequestFacts()
        facts.method = method
        facts.client = client
        let pathOnly = Array(path.utf8.prefix { $0 != UInt8(ascii: "?") })
        let malformed = facts.host.read(Array(host.utf8).span) ?? facts.path.read(pathOnly.span)
        if let malformed {
            var words = ExplanationWords(facts: facts, snapshot: snapshot)
            return words.refused(.beforeDecision(malformed, facts: facts))
        }
        if let origin {
            let own = facts.host.port.map { $0 == 443 ? "" : ":\($0)" } ?? ""
            facts.origin = origin == "https://\(facts.host.text)\(own)" ? .same : .other
            if facts.origin == .other {
                facts.foreignOrigin = Array(origin.utf8.prefix(RequestFacts.longestOrigin + 1))
            }
            facts.namesRequestMethod = method == .options
        }
        let now = MonotonicInstant(milliseconds: 1)
        var sessions = SessionTable(bound: 1, unknownBound: 1)
        if let member, let entry = member.entry(in: snapshot.settings, now: now) {
            let key = SessionKey(0, 0, 0, 1)
            sessions.insert(entry, for: key)
            facts.sessionKey = key
        }
        return explain(facts, snapshot: snapshot, sessions: &sessions, now: now)
    }
}
