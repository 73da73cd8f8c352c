public import Outbound

/// Asks an address for a document; each call is a question of its own.
public typealias MetadataFetch = @Sendable (HTTPSFetch) async throws -> FetchedDocument

/// How metadata is fetched outside of tests.
public enum MetadataFetching {
    /// Asks on a thread of its own, since libcurl blocks; `SSOConnections.mostFetches` bounds how many there are.
    @Sendable public static func ask(_ question: HTTPSFetch) async throws -> FetchedDocument {
        try await withCheckedThrowingContinuation { answer in
            HashThread.start {
                do throws(FetchFailure) {
                    answer.resume(returning: try question.fetch())
                } catch {
                    answer.resume(throwing: error)
                }
            }
        }
    }
}
