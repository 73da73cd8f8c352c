import Core
import HTTPTypes
import Login
import Store

/// `throttles`: list, forget those of an address, forget all.
extension OperatorAPI {
    var throttleEndpoints: [APIEndpoint] {
        [APIEndpoint(.get, "/throttles", listThrottles), APIEndpoint(.delete, "/throttles", clearThrottles)]
    }

    /// The emptiest counters, as many as a page holds; how many there are has no bound that a list could show.
    @Sendable private func listThrottles(_ call: APICall) async throws -> APIAnswer {
        let limit = try call.query("limit").limit(FieldBound.throttles)
        return APIAnswer(Page(items: throttle.list(limit: limit).map { ThrottleResource($0) }, next: nil))
    }

    @Sendable private func clearThrottles(_ call: APICall) async throws -> APIAnswer {
        let query = try call.query("address", "all")
        let count: Int
        switch (query["address"], try query.flag("all")) {
        case (nil, true):
            try await note([.init("of", "all")])
            count = try await throttle.clearAll()
        case (let text?, false):
            guard let address = ClientAddress(text) else {
                throw APIRefusal(
                    .valueRefused, "address \(QuotedInput.show(text)) is no IP address", field: "address")
            }
            try await note([.init("of", "address")], sealed: [.init("address", address.description)])
            count = try await throttle.clear(address: address)
        default:
            throw APIRefusal(.fieldMissing, "say which: either address=… or all=true", field: "address")
        }
        try await throttle.flush()
        return APIAnswer(CountResource(count: count))
    }

    /// Before the deed: there may be an entry too many, never one too few.
    private func note(_ details: [AuditEntry.Detail], sealed: [AuditEntry.Detail] = []) async throws {
        let entry = AuditEntry(
            action: "throttles.cleared", actor: .operator, publicDetails: details, sealedDetails: sealed)
        try await store.audit.append(entry, at: seams.now())
    }
}
