import Access
import Core
import HTTPTypes
import Synchronization

/// Counts the requests that the portal answers, and sends those that come later to the process that has the store.
final class PortalGate: Sendable {
    private let state = Mutex((underWay: 0, isClosed: false))

    /// Requests that are being answered.
    var underWay: Int { state.withLock { $0.underWay } }

    /// From now on the store is somebody else's.
    func close() { state.withLock { $0.isClosed = true } }

    /// It is ours again.
    func open() { state.withLock { $0.isClosed = false } }

    /// The handler behind this gate.
    func guarding(_ handler: @escaping PortalHandler) -> PortalHandler {
        { [self] request in
            guard enter() else { return Self.elsewhere(request) }
            let response = await handler(request)
            state.withLock { $0.underWay -= 1 }
            return response
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.underWay += 1
            return true
        }
    }

    /// The same request once more, method and body included (RFC 9110 §15.4.8), on another connection, since this one
    /// closes: the new process is the only one that accepts.
    private static func elsewhere(_ request: PortalRequest) -> PortalResponse {
        PortalResponse(
            head: HTTPResponse(
                status: .temporaryRedirect,
                headerFields: [.location: request.head.path ?? "/", .cacheControl: "no-store", .connection: "close"]))
    }
}
