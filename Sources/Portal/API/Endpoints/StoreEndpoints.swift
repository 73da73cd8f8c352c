import HTTPTypes
import Store

/// `keys` and `store/verification`: what the operator can know of the data without reading it.
extension OperatorAPI {
    var storeEndpoints: [APIEndpoint] {
        [APIEndpoint(.get, "/keys", showKeys), APIEndpoint(.get, "/store/verification", verifyStore)]
    }

    @Sendable private func showKeys(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        return APIAnswer(KeyResource(masterKeyFingerprint: store.masterKeyFingerprint))
    }

    /// Reads everything that is stored; it takes as long as that takes.
    @Sendable private func verifyStore(_ call: APICall) async throws -> APIAnswer {
        _ = try call.query()
        return APIAnswer(VerificationResource(await StoreVerification(store).run()))
    }
}
